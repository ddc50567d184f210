//! Servers on this machine, with certificates of an authority of the test's own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use mpp_host::RootCertStore;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A certificate authority.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    /// One that nobody trusts yet.
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names are valid names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::self_signed(params, key).expect("a certificate"))
    }

    /// For a host to trust it.
    pub fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).expect("a certificate that can be trusted");
        roots
    }

    /// For a command to trust it: its certificate.
    pub fn pem(&self) -> String {
        self.0.pem()
    }

    fn server(&self, names: &[&str]) -> Arc<ServerConfig> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(names).expect("names of hosts");
        let certificate = params.signed_by(&key, &self.0).expect("a certificate");
        let chain: Vec<CertificateDer<'static>> = vec![certificate.der().clone()];
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key.into()))
            .expect("a configuration");
        Arc::new(config)
    }
}

/// A request as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Received {
    /// The first header of a name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

/// What a server does about a request.
pub enum Answer {
    /// Answers.
    Full { status: u16, headers: Vec<(&'static str, String)>, body: Vec<u8> },
    /// Sends these bytes, whatever they are, and closes the connection.
    Bytes(Vec<u8>),
    /// Sends these bytes, and then nothing until the server is dropped.
    Stall(Vec<u8>),
}

impl Answer {
    /// A page.
    pub fn page(content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::Full {
            status: 200,
            headers: vec![("content-type", content_type.to_owned())],
            body: body.into(),
        }
    }

    /// A redirect.
    pub fn redirect(location: impl Into<String>) -> Self {
        Self::Full { status: 302, headers: vec![("location", location.into())], body: Vec::new() }
    }
}

type Handler = dyn Fn(&Received) -> Answer + Send + Sync;

struct Shared {
    handler: Box<Handler>,
    tls: Option<Arc<ServerConfig>>,
    received: Mutex<Vec<Received>>,
    connections: Mutex<usize>,
    closing: AtomicBool,
    closed: (Mutex<bool>, Condvar),
}

/// A server on a port of its own, until dropped.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

impl Server {
    /// A server for HTTP.
    pub fn http(handler: impl Fn(&Received) -> Answer + Send + Sync + 'static) -> Self {
        Self::start(None, Box::new(handler))
    }

    /// A server for HTTPS, whose certificate carries `names`.
    pub fn https(
        authority: &Authority,
        names: &[&str],
        handler: impl Fn(&Received) -> Answer + Send + Sync + 'static,
    ) -> Self {
        Self::start(Some(authority.server(names)), Box::new(handler))
    }

    fn start(tls: Option<Arc<ServerConfig>>, handler: Box<Handler>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("a port has an address");
        let shared = Arc::new(Shared {
            handler,
            tls,
            received: Mutex::default(),
            connections: Mutex::default(),
            closing: AtomicBool::new(false),
            closed: (Mutex::new(false), Condvar::new()),
        });
        let acceptor = std::thread::spawn({
            let shared = Arc::clone(&shared);
            move || accept(&listener, &shared)
        });
        Self { address, shared, acceptor: Some(acceptor) }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The requests that arrived, in order.
    pub fn received(&self) -> Vec<Received> {
        lock(&self.shared.received).clone()
    }

    /// Connections that were made to it, whether or not a request arrived.
    pub fn connections(&self) -> usize {
        *lock(&self.shared.connections)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.closing.store(true, Ordering::Relaxed);
        *lock(&self.shared.closed.0) = true;
        self.shared.closed.1.notify_all();
        // Wakes the acceptor; it may be gone already.
        let _ = TcpStream::connect(self.address);
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.closing.load(Ordering::Relaxed) {
            return;
        }
        let Ok(stream) = stream else { continue };
        *lock(&shared.connections) += 1;
        let shared = Arc::clone(shared);
        std::thread::spawn(move || {
            // A peer that hangs up, or shakes no hands, ends its connection only.
            let _ = match shared.tls.clone() {
                None => serve(stream, &shared),
                Some(config) => ServerConnection::new(config)
                    .map_err(std::io::Error::other)
                    .and_then(|connection| serve(StreamOwned::new(connection, stream), &shared)),
            };
        });
    }
}

fn serve(stream: impl Read + Write, shared: &Shared) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let request = read_request(&mut stream)?;
    let answer = (shared.handler)(&request);
    lock(&shared.received).push(request);
    let stream = stream.get_mut();
    match answer {
        Answer::Full { status, headers, body } => {
            let mut head = format!("HTTP/1.1 {status} Said\r\ncontent-length: {}\r\n", body.len());
            for (name, value) in headers {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
            stream.write_all(head.as_bytes())?;
            stream.write_all(b"connection: close\r\n\r\n")?;
            stream.write_all(&body)?;
        }
        Answer::Bytes(bytes) => stream.write_all(&bytes)?,
        Answer::Stall(bytes) => {
            stream.write_all(&bytes)?;
            stream.flush()?;
            let (closed, changed) = &shared.closed;
            let waited = changed.wait_while(lock(closed), |closed| !*closed);
            drop(waited.unwrap_or_else(PoisonError::into_inner));
        }
    }
    stream.flush()
}

fn read_request(stream: &mut impl BufRead) -> std::io::Result<Received> {
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Err(std::io::Error::other("no request line"));
    };
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        match line.trim_end().split_once(':') {
            Some((name, value)) => headers.push((name.to_lowercase(), value.trim().to_owned())),
            None => break,
        }
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok(Received { method, target, headers, body })
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

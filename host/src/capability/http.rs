//! `mpp:tool/http`: one request, one answer, to a granted host.
//!
//! What is dialled is what was checked: the client's own name resolution is
//! replaced by one that drops every address the grant does not allow, and the
//! connection goes to those addresses or nowhere. No redirect is followed, no
//! proxy is used, no connection is kept from one request to the next.

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mpp_policy::{AddressRefused, Denial, Grant, Host, HttpTarget, Method, Outbound, Permission};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use rustls::RootCertStore;

use super::to_wire;
use crate::bindings::mpp::tool::http::{self, Error};
use crate::effects::{Behind, Durable};
use crate::error::{BuildError, HostFault, LoadError};
use crate::sandbox::Sandbox;

/// Time to reach a server. A server that takes longer is not reachable.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Fields that frame a message or belong to the connection: the host sets them.
/// A guest that set them could make a peer read another message than was
/// checked.
const HOST_HEADERS: &[&str] = &[
    "connection",
    "content-length",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Header fields of one request: more than any API asks for.
const MAX_HEADERS: usize = 128;

/// Bytes of the header fields of one request, names and values: more than
/// servers accept. The limit on the bytes of a call counts bodies only.
const MAX_HEADER_BYTES: usize = 64 << 10;

/// What the operator supplies for the network.
#[derive(Clone)]
pub(crate) struct Network {
    tls: rustls::ClientConfig,
    hosts: Arc<BTreeMap<String, SocketAddr>>,
}

impl Network {
    pub(crate) fn new(roots: RootCertStore, hosts: BTreeMap<String, SocketAddr>) -> Result<Self, BuildError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| BuildError::Tls(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { tls, hosts: Arc::new(hosts) })
    }
}

/// Sends the requests of one package.
pub(crate) struct Client(Behind<reqwest::Client>);

impl Client {
    /// A client for a grant that allows any host, none otherwise.
    pub(crate) fn for_grant(
        grant: &Grant,
        outbound: &[Outbound],
        network: &Network,
    ) -> Result<Option<Self>, LoadError> {
        if outbound.is_empty() {
            return Ok(None);
        }
        let resolver = GrantedAddresses { grant: grant.clone(), hosts: Arc::clone(&network.hosts) };
        reqwest::Client::builder()
            .tls_backend_preconfigured(network.tls.clone())
            .dns_resolver(Arc::new(resolver))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .pool_max_idle_per_host(0)
            .connect_timeout(CONNECT_TIMEOUT)
            .build()
            .map(|client| Some(Self(Behind::the_gate(client))))
            .map_err(|error| LoadError::Host(HostFault(describe(&error))))
    }
}

/// Resolves names to the addresses that a grant allows.
struct GrantedAddresses {
    grant: Grant,
    hosts: Arc<BTreeMap<String, SocketAddr>>,
}

/// A name led nowhere.
#[derive(Debug, thiserror::Error)]
#[error("the name does not resolve: {0}")]
struct NotResolved(String);

impl Resolve for GrantedAddresses {
    fn resolve(&self, name: Name) -> Resolving {
        let name = name.as_str().to_owned();
        let grant = self.grant.clone();
        let listed = self.hosts.get(&name).copied();
        Box::pin(async move {
            let found = match listed {
                Some(address) => vec![address],
                None => look_up(&name).await?,
            };
            let allowed = allowed(&grant, found)?;
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

async fn look_up(name: &str) -> Result<Vec<SocketAddr>, NotResolved> {
    match tokio::net::lookup_host((name, 0)).await {
        Ok(addresses) => Ok(addresses.collect()),
        Err(error) => Err(NotResolved(error.to_string())),
    }
}

fn allowed(
    grant: &Grant,
    found: Vec<SocketAddr>,
) -> Result<Vec<SocketAddr>, Box<dyn StdError + Send + Sync>> {
    let mut allowed = Vec::new();
    let mut refused = None;
    for address in found {
        match grant.address(address.ip()) {
            Ok(()) => allowed.push(address),
            Err(why) => refused = Some(why),
        }
    }
    match (allowed.is_empty(), refused) {
        (false, _) => Ok(allowed),
        (true, Some(why)) => Err(why.into()),
        (true, None) => Err(NotResolved("it has no address".to_owned()).into()),
    }
}

impl http::Host for Sandbox {
    async fn send(&mut self, request: http::Request) -> wasmtime::Result<Result<http::Response, Error>> {
        let durable = self.effects.durable().await?;
        self.journal.count(|counters| counters.host_calls += 1);
        Ok(match self.prepare(request) {
            Ok(prepared) => self.exchange(&durable, prepared).await,
            Err(error) => Err(error),
        })
    }
}

/// A request that passed every check but that of its addresses.
struct Prepared {
    target: HttpTarget,
    resource: String,
    request: reqwest::Request,
}

impl Sandbox {
    fn prepare(&self, request: http::Request) -> Result<Prepared, Error> {
        let http::Request { method, url, headers, body, timeout_ms } = request;
        let method = from_wire(method);
        let target =
            HttpTarget::parse(method, &url).map_err(|error| Error::InvalidRequest(error.to_string()))?;
        let resource = format!("{method} {}", target.authority());
        let verdict = self.capabilities.grant.outbound(&target);
        let verdict = self.journal.check(Permission::NetworkOutbound, resource.as_str(), verdict);
        verdict.map_err(|denial| Error::Denied(to_wire(denial)))?;
        // A literal address is never resolved, so it is checked here.
        if let Host::Ip(address) = target.host() {
            let verdict = self.capabilities.grant.address(*address);
            verdict.map_err(|refused| self.address_refused(&resource, refused))?;
        }
        let headers = header_map(&headers)?;
        self.charge_request(body.len() as u64)?;
        let mut prepared = reqwest::Request::new(to_reqwest(method), target.url().clone());
        *prepared.headers_mut() = headers;
        *prepared.timeout_mut() = Some(self.time_for_request(timeout_ms));
        if !body.is_empty() {
            *prepared.body_mut() = Some(body.into());
        }
        Ok(Prepared { target, resource, request: prepared })
    }

    fn address_refused(&self, resource: &str, refused: AddressRefused) -> Error {
        let denial = Denial::new(Permission::NetworkOutbound, resource, refused.into());
        let refused: Result<(), Denial> = Err(denial.clone());
        let _ = self.journal.check(Permission::NetworkOutbound, resource, refused);
        Error::Denied(to_wire(denial))
    }

    fn charge_request(&self, body: u64) -> Result<(), Error> {
        let (requests, bytes) = (u64::from(self.limits.http_requests), self.limits.http_request_bytes);
        let mut verdict = Ok(());
        self.journal.count(|counters| {
            if counters.http_requests >= requests {
                verdict = Err(Error::Limit(format!("a call sends at most {requests} requests")));
            } else if counters.http_sent_bytes.saturating_add(body) > bytes {
                verdict = Err(Error::Limit(format!("a call sends at most {bytes} bytes")));
            } else {
                counters.http_requests += 1;
                counters.http_sent_bytes += body;
            }
        });
        verdict
    }

    fn time_for_request(&self, asked: Option<u32>) -> Duration {
        let left = self.deadline.saturating_duration_since(Instant::now());
        asked.map_or(left, |asked| left.min(Duration::from_millis(u64::from(asked))))
    }

    async fn exchange(&mut self, durable: &Durable, prepared: Prepared) -> Result<http::Response, Error> {
        let Prepared { target, resource, request } = prepared;
        let Some(Client(client)) = &self.capabilities.http else {
            return Err(Error::Connection("the network is not available".to_owned()));
        };
        let mut answer = client
            .get(durable)
            .execute(request)
            .await
            .map_err(|error| self.explain(&target, &resource, &error))?;
        let mut body = Vec::with_capacity(self.room_for(answer.content_length()));
        while let Some(chunk) =
            answer.chunk().await.map_err(|error| self.explain(&target, &resource, &error))?
        {
            self.charge_response(chunk.len() as u64)?;
            body.extend_from_slice(&chunk);
        }
        Ok(http::Response {
            status: answer.status().as_u16(),
            headers: to_wire_headers(answer.headers()),
            body,
        })
    }

    /// How much room to make for an answer that is said to be so long: no more than the
    /// call may still receive.
    fn room_for(&self, length: Option<u64>) -> usize {
        let limit = self.limits.http_response_bytes;
        let mut left = 0;
        self.journal.count(|counters| left = limit.saturating_sub(counters.http_received_bytes));
        usize::try_from(length.unwrap_or(0).min(left)).unwrap_or(0)
    }

    fn charge_response(&self, bytes: u64) -> Result<(), Error> {
        let limit = self.limits.http_response_bytes;
        let mut verdict = Ok(());
        self.journal.count(|counters| {
            counters.http_received_bytes = counters.http_received_bytes.saturating_add(bytes);
            if counters.http_received_bytes > limit {
                verdict = Err(Error::Limit(format!("a call receives at most {limit} bytes")));
            }
        });
        verdict
    }

    /// Puts the client's error into the contract's words. Which it is stands in
    /// the chain of its causes.
    fn explain(&self, target: &HttpTarget, resource: &str, error: &reqwest::Error) -> Error {
        if let Some(refused) = cause::<AddressRefused>(error) {
            return self.address_refused(resource, *refused);
        }
        if let Some(not_resolved) = cause::<NotResolved>(error) {
            return Error::NameNotResolved(format!("{}: {not_resolved}", target.authority()));
        }
        if let Some(tls) = cause::<rustls::Error>(error) {
            return Error::Tls(tls.to_string());
        }
        if error.is_timeout() {
            return Error::Timeout;
        }
        if error.is_connect() {
            return Error::Connection(describe(error));
        }
        Error::Protocol(describe(error))
    }
}

/// Finds a cause of one type in an error's chain. An `io::Error` hides what it
/// wraps behind its own `source`, so it is opened too.
fn cause<'a, E: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        next = match wrapped {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    None
}

/// The innermost cause: the outer ones repeat the URL, which may hold secrets.
fn describe(error: &reqwest::Error) -> String {
    let mut innermost: &dyn StdError = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

fn header_map(headers: &[http::Header]) -> Result<HeaderMap, Error> {
    let invalid = |name: &str, why: &str| Error::InvalidRequest(format!("header {name:?}: {why}"));
    if headers.len() > MAX_HEADERS {
        return Err(Error::InvalidRequest(format!("a request has at most {MAX_HEADERS} headers")));
    }
    let bytes: usize = headers.iter().map(|http::Header { name, value }| name.len() + value.len()).sum();
    if bytes > MAX_HEADER_BYTES {
        return Err(Error::InvalidRequest(format!(
            "the headers of a request have at most {MAX_HEADER_BYTES} bytes"
        )));
    }
    let mut map = HeaderMap::new();
    for http::Header { name, value } in headers {
        let field = HeaderName::from_bytes(name.as_bytes()).map_err(|_| invalid(name, "not a field name"))?;
        if HOST_HEADERS.contains(&field.as_str()) {
            return Err(invalid(name, "the host sets it"));
        }
        let value = HeaderValue::from_bytes(value).map_err(|_| invalid(name, "not a field value"))?;
        map.append(field, value);
    }
    Ok(map)
}

fn to_wire_headers(headers: &HeaderMap) -> Vec<http::Header> {
    headers
        .iter()
        .map(|(name, value)| http::Header {
            name: name.as_str().to_owned(),
            value: value.as_bytes().to_vec(),
        })
        .collect()
}

fn from_wire(method: http::Method) -> Method {
    match method {
        http::Method::Get => Method::Get,
        http::Method::Head => Method::Head,
        http::Method::Post => Method::Post,
        http::Method::Put => Method::Put,
        http::Method::Delete => Method::Delete,
        http::Method::Patch => Method::Patch,
        http::Method::Options => Method::Options,
    }
}

fn to_reqwest(method: Method) -> reqwest::Method {
    match method {
        Method::Get => reqwest::Method::GET,
        Method::Head => reqwest::Method::HEAD,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Delete => reqwest::Method::DELETE,
        Method::Patch => reqwest::Method::PATCH,
        Method::Options => reqwest::Method::OPTIONS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(name: &str, value: &str) -> http::Header {
        http::Header { name: name.to_owned(), value: value.as_bytes().to_vec() }
    }

    #[test]
    fn a_guest_cannot_set_what_frames_a_message() {
        for name in ["Host", "content-length", "Transfer-Encoding", "CONNECTION", "upgrade"] {
            let refused = header_map(&[header(name, "x")]).expect_err(name);
            assert!(matches!(refused, Error::InvalidRequest(_)), "{name}");
        }
    }

    #[test]
    fn a_header_cannot_smuggle_a_line_break() {
        assert!(header_map(&[header("x-a", "1\r\nhost: evil")]).is_err());
        assert!(header_map(&[header("x-a\r\nhost", "1")]).is_err());
    }
}

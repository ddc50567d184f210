//! A server on this machine that does what a server should, or should not.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Serves connections one after the other, each with the next answer, and hands
/// out the heads of the requests.
pub(super) struct Server {
    /// `http://ADDRESS:PORT`.
    pub(super) origin: String,
    /// The head of each request, sent before it is answered.
    pub(super) requests: Receiver<String>,
}

impl Server {
    /// Sends each answer over a connection of its own, and closes it.
    pub(super) fn answering(answers: impl IntoIterator<Item = impl Into<Vec<u8>>>) -> Self {
        let answers: Vec<Vec<u8>> = answers.into_iter().map(Into::into).collect();
        Self::start(move |listener, seen| {
            for answer in answers {
                let mut stream = accept(listener, seen)?;
                stream.write_all(&answer)?;
            }
            Ok(())
        })
    }

    /// Serves a document a byte at a time, and never the last one.
    pub(super) fn dripping() -> Self {
        Self::start(|listener, seen| {
            let mut stream = accept(listener, seen)?;
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
            loop {
                stream.write_all(b".")?;
                // A pace at which nothing would ever seem to stall.
                std::thread::sleep(Duration::from_millis(1));
            }
        })
    }

    /// Takes so many connections, and answers none of them in TLS.
    pub(super) fn without_tls(connections: usize) -> Self {
        Self::start(move |listener, _| {
            for _ in 0..connections {
                let mut stream = listener.accept()?.0;
                stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")?;
                // To hang up on unread bytes would be a reset.
                io::copy(&mut stream, &mut io::sink())?;
            }
            Ok(())
        })
    }

    fn start(
        serve: impl FnOnce(&TcpListener, &mut dyn FnMut(String)) -> io::Result<()> + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let (seen, requests) = channel();
        // A client that hangs up ends the server, and that is all it does.
        std::thread::spawn(move || serve(&listener, &mut |request| drop(seen.send(request))));
        Self { origin, requests }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// The first lines of the requests so far.
    pub(super) fn asked(&self) -> Vec<String> {
        self.requests.try_iter().map(|head| head.lines().next().unwrap_or_default().to_owned()).collect()
    }
}

/// Takes a connection, and reads the head of its request.
fn accept(listener: &TcpListener, seen: &mut dyn FnMut(String)) -> io::Result<TcpStream> {
    let (stream, _) = listener.accept()?;
    let mut head = String::new();
    let mut lines = BufReader::new(&stream);
    while lines.read_line(&mut head)? > 2 {}
    seen(head);
    Ok(stream)
}

/// An answer with this status line and these header fields, and no body.
pub(super) fn head(status: &str, fields: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{fields}content-length: 0\r\n\r\n")
}

/// An answer that redirects.
pub(super) fn redirect(to: &str) -> String {
    head("302 Found", &format!("location: {to}\r\n"))
}

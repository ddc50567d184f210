//! A collector on this machine, which takes everything.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

/// What was sent: to where, and what.
pub(in crate::cli) struct Sent {
    pub(in crate::cli) path: String,
    pub(in crate::cli) body: Vec<u8>,
}

pub(in crate::cli) struct Collector {
    pub(in crate::cli) url: String,
    sent: Receiver<Sent>,
}

impl Collector {
    pub(in crate::cli) fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("it has an address"));
        let (send, sent) = channel();
        thread::spawn(move || {
            while let Ok((connection, _)) = listener.accept() {
                if send.send(take(connection)).is_err() {
                    return;
                }
            }
        });
        Self { url, sent }
    }

    /// The next that is sent, as soon as it is answered; `None` after a while.
    pub(in crate::cli) fn next(&self, patience: Duration) -> Option<Sent> {
        self.sent.recv_timeout(patience).ok()
    }

    /// All that was sent and answered.
    pub(in crate::cli) fn sent(&self) -> Vec<Sent> {
        self.sent.try_iter().collect()
    }
}

/// Takes one request, and then answers it: whoever was answered was heard.
fn take(connection: TcpStream) -> Sent {
    let mut connection = BufReader::new(connection);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(connection.read_line(&mut head).expect("a head"), 0, "{head}");
    }
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
    let mut body = vec![0; length.parse().expect("a number")];
    connection.read_exact(&mut body).expect("a body");
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    connection.get_mut().write_all(answer).expect("it waits for the answer");
    let path = head.split(' ').nth(1).expect("a path").to_owned();
    Sent { path, body }
}

//! The first words, and who is sent away before or after them.

use std::io::{Read as _, Write as _};

use mpp_audit::share::limits::{MAX_CLIENTS, MAX_CONNECTIONS};

use crate::garbage::{PREAMBLE, client, hello, read, socket};
use crate::process::Home;

#[test]
fn who_was_not_greeted_is_not_told_farewell() {
    let home = Home::new();
    let mut owner = home.sharing();
    let mut waiting = socket(&home.log());
    let mut preamble = [0; 8];
    waiting.read_exact(&mut preamble).expect("it came in");
    assert_eq!(owner.does("close"), "ok");
    let mut rest = Vec::new();
    waiting.read_to_end(&mut rest).expect("it is sent away");
    assert_eq!((preamble.as_slice(), rest.as_slice()), (PREAMBLE, b"".as_slice()));
}

#[test]
fn who_was_greeted_is_told_farewell() {
    let home = Home::new();
    let mut owner = home.sharing();
    let mut client = socket(&home.log());
    client.write_all(&hello()).expect("it is read");
    client.read_exact(&mut [0; 8]).expect("it came in");
    assert_eq!(read(&mut client), "\"welcome\"");
    assert_eq!(owner.does("close"), "ok");
    assert_eq!(read(&mut client), "\"bye\"");
}

#[test]
fn so_many_connections_are_answered_at_once_and_no_more() {
    let home = Home::new();
    let mut owner = home.sharing();
    let mut served = socket(&home.log());
    served.write_all(&hello()).expect("it is read");
    served.read_exact(&mut [0; 8]).expect("it came in");
    assert_eq!(read(&mut served), "\"welcome\"");
    let came = |_| {
        let mut stream = socket(&home.log());
        stream.read_exact(&mut [0; 8]).expect("it is answered");
        stream
    };
    let waiting: Vec<_> = (1..MAX_CONNECTIONS).map(came).collect();
    let mut surplus = Vec::new();
    socket(&home.log()).read_to_end(&mut surplus).expect("it is sent away");
    assert_eq!(surplus, b"");
    drop(waiting);
    assert!(owner.does("append com.example").contains(':'), "it goes on");
    let writer = client(&home.log());
    assert!(writer.head().is_ok(), "there is room again");
}

#[test]
fn who_needs_the_log_gets_it_from_an_owner_that_has_no_room() {
    let home = Home::new();
    let _owner = home.sharing();
    let come = |_| {
        let mut stream = socket(&home.log());
        stream.write_all(&hello()).expect("it is read");
        stream.read_exact(&mut [0; 8]).expect("it came in");
        let greeting = read(&mut stream);
        (stream, greeting)
    };
    let served: Vec<_> = (0..MAX_CLIENTS).map(come).collect();
    assert!(served.iter().all(|(_, greeting)| greeting == "\"welcome\""));
    assert_eq!(come(MAX_CLIENTS).1, "\"full\"");
    assert_eq!(home.process().does("alone 10000"), "ok");
}

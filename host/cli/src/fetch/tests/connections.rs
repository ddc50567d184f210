//! Which server is reached, and by which way.

use std::ffi::OsStr;
use std::net::{SocketAddr, TcpListener};

use reqwest::dns::Resolve;

use super::https::Lookup;
use super::server::{Server, head};
use super::*;

/// What a client of TLS makes of HTTP.
const NO_TLS: &str = "TLS failed: received corrupt message of type InvalidContentType";

#[test]
fn localhost_is_this_machine() {
    let server = Server::answering(["HTTP/1.1 200 OK\r\n\r\nroot"]);
    assert_eq!(read(&server.url("/").replace("127.0.0.1", "localhost"), LIMIT).unwrap(), b"root");
}

#[test]
fn a_name_is_looked_up_as_the_system_does_it() {
    let look_up = |name: String| Runtime::start().unwrap().wait_for(Lookup.resolve(name.parse().unwrap()));
    // Both of these are answered without a name server.
    let found: Vec<_> = look_up("127.0.0.1".to_owned()).unwrap().collect();
    assert_eq!(found, [SocketAddr::from(([127, 0, 0, 1], 0))]);
    assert!(look_up("a".repeat(64)).is_err());
}

#[test]
fn where_nobody_listens_there_is_no_connection() {
    // Its port is taken at one address of this machine, so free at the other.
    let taken = TcpListener::bind(("127.0.0.2", 0)).unwrap();
    let url = format!("http://127.0.0.3:{}/", taken.local_addr().unwrap().port());
    assert_eq!(why(read(&url, LIMIT)), ["no connection: Connection refused (os error 111)"]);
}

#[test]
fn a_server_that_does_not_speak_tls_fails_as_tls() {
    let server = Server::without_tls(1);
    let url = server.url("/").replace("http:", "https:");
    assert_eq!(why(read(&url, LIMIT)), [NO_TLS]);
}

#[test]
fn an_authority_that_is_not_trusted_can_be_named() {
    let unknown = rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
    let url = Url::parse("https://example.com/").unwrap();
    let failure = Trouble::from(&unknown).fetching(&url, &url);
    assert_eq!(failure.why(), ["no authority that is trusted here has issued the server's certificate"]);
    assert_eq!(failure.what_next(), ["if an authority of your own issued it: --ca-file FILE"]);
    // Another authority would not help here.
    let expired = rustls::Error::InvalidCertificate(rustls::CertificateError::Expired);
    assert_eq!(Trouble::from(&expired), Trouble::Tls("invalid peer certificate: Expired".to_owned()));
}

#[test]
fn https_goes_through_the_proxy_of_the_environment() {
    for name in ["HTTPS_PROXY", "https_proxy"] {
        let proxy = Server::answering([head("403 Forbidden", "")]);
        let value = proxy.origin.replace("http://", "http://me:secret@");
        let environment = Environment::of([(name, OsStr::new(&value))]);
        let failed = read_in(&environment, "https://documents.example/1.root.json");
        assert!(!format!("{failed:?}").contains("secret"), "{failed:?}");
        assert_eq!(why(failed), ["no connection: tunnel error: unsuccessful"]);
        assert_eq!(proxy.asked(), ["CONNECT documents.example:443 HTTP/1.1"]);
    }
}

#[test]
fn this_machine_and_what_no_proxy_names_are_reached_without_the_proxy() {
    let proxy = Server::answering([""]);
    let server = Server::without_tls(3);
    let environment = Environment::of([
        ("HTTPS_PROXY", OsStr::new(&proxy.origin)),
        // On Linux another name of this machine, and not one known to be.
        ("NO_PROXY", OsStr::new("documents.example, 0.0.0.0")),
    ]);
    for host in ["127.0.0.1", "localhost", "0.0.0.0"] {
        let url = server.url("/").replace("http://127.0.0.1", &format!("https://{host}"));
        assert_eq!(why(read_in(&environment, &url)), [NO_TLS], "{host}");
    }
    assert_eq!(proxy.asked(), [""; 0]);
}

#[test]
fn a_proxy_that_cannot_be_used_is_not_passed_by() {
    for value in ["socks5://127.0.0.1:1080", "file:///x", "http://", "http://me:secret@:80"] {
        let environment = Environment::of([("HTTPS_PROXY", OsStr::new(value))]);
        let failure = read_in(&environment, "https://documents.example/").unwrap_err();
        assert_eq!(failure.blame().status(), 2, "{value}");
        assert_eq!(failure.what(), "HTTPS_PROXY names no proxy that can be used");
        assert!(!format!("{failure:?}").contains("secret"), "{failure:?}");
    }
}

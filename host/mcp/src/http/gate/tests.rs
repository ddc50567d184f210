//! On names and pages from elsewhere.

use axum::http::HeaderValue;
use axum::http::header::HeaderName;

use super::*;

fn gate() -> Gate {
    Gate::new(
        "127.0.0.1:4100".parse().unwrap(),
        &["tools.example".to_owned()],
        &["https://app.example".to_owned()],
    )
    .unwrap()
}

fn check(lines: &[(HeaderName, &str)]) -> Result<(), Stopped> {
    check_target("/mcp", lines)
}

fn check_target(target: &str, lines: &[(HeaderName, &str)]) -> Result<(), Stopped> {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    gate().check(&target.parse().unwrap(), &headers).map(drop)
}

#[test]
fn a_program_that_names_this_server_passes() {
    for host in
        ["localhost:4100", "127.0.0.1:4100", "[::1]:4100", "LOCALHOST", "tools.example", "Tools.Example:443"]
    {
        assert_eq!(check(&[(HOST, host)]), Ok(()), "{host}");
    }
}

#[test]
fn a_name_that_somebody_points_here_does_not_pass() {
    for host in ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io:4100", "127.0.0.2", "[::2]"] {
        assert_eq!(check(&[(HOST, host)]), Err(Stopped::Host), "{host}");
    }
}

#[test]
fn a_request_names_one_server() {
    assert_eq!(check(&[]), Err(Stopped::NoHost));
    assert_eq!(check(&[(HOST, "localhost"), (HOST, "localhost")]), Err(Stopped::NoHost));
    for host in ["", "local host", "localhost/", "user@localhost", "\u{e4}"] {
        assert_eq!(check(&[(HOST, host)]), Err(Stopped::NoHost), "{host}");
    }
    assert_eq!(check_target("http://evil.example/mcp", &[(HOST, "localhost")]), Err(Stopped::NoHost));
    assert_eq!(check_target("http://localhost:4100/mcp", &[(HOST, "localhost:4100")]), Ok(()));
}

#[test]
fn a_page_of_this_server_and_one_that_the_operator_named_pass() {
    for (host, origin) in [
        ("localhost:4100", "http://localhost:4100"),
        ("[::1]:4100", "http://[::1]:4100"),
        ("localhost:4100", "https://app.example"),
        ("localhost:4100", "HTTPS://App.Example"),
    ] {
        assert_eq!(check(&[(HOST, host), (ORIGIN, origin)]), Ok(()), "{origin}");
    }
}

#[test]
fn any_other_page_does_not_pass() {
    for origin in [
        "null",
        "",
        "http://evil.example",
        "http://localhost",
        "http://localhost:3000",
        "http://127.0.0.1:4100",
        "https://localhost:4100",
        "http://localhost:4100/",
        "http://app.example",
        "https://app.example:8443",
        "https://app.example.evil.example",
        "\u{e4}",
    ] {
        assert_eq!(check(&[(HOST, "localhost:4100"), (ORIGIN, origin)]), Err(Stopped::Origin), "{origin}");
    }
    let twice = [(HOST, "localhost"), (ORIGIN, "http://localhost"), (ORIGIN, "http://localhost")];
    assert_eq!(check(&twice), Err(Stopped::Origin));
}

#[test]
fn what_an_operator_writes_is_a_name_or_an_origin_or_an_error() {
    let address = "127.0.0.1:4100".parse().unwrap();
    for name in ["", "tools.example:80", "http://tools.example", "user@tools.example", "tools.example/"] {
        let error = Gate::new(address, &[name.to_owned()], &[]).unwrap_err();
        assert!(matches!(&error, ServeError::Name(named) if named == name), "{error}");
    }
    for origin in [
        "",
        "null",
        "*",
        "app.example",
        "https://",
        "https://app.example/",
        "https://app.example:443",
        "http://app.example:80",
        "https://user@app.example",
        "file://app.example",
        "HTTPS://app.example",
    ] {
        let error = Gate::new(address, &[], &[origin.to_owned()]).unwrap_err();
        assert!(matches!(&error, ServeError::Origin(named) if named == origin), "{origin}: {error}");
    }
    let origins = ["https://App.example:8443".to_owned(), "http://[::1]:3000".to_owned()];
    assert!(Gate::new(address, &["[fe80::1]".to_owned()], &origins).is_ok());
}

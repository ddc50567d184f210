//! On files that others made, and headers that clients make up.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use axum::http::HeaderValue;

use super::*;

const TEXT: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

fn shown(lines: &[&str]) -> Shown {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append(AUTHORIZATION, HeaderValue::from_str(line).unwrap());
    }
    Token::parse(TEXT).unwrap().is_shown(&headers)
}

#[test]
fn only_the_whole_token_behind_its_scheme_is_right() {
    assert_eq!(shown(&[&format!("Bearer {TEXT}")]), Shown::Right);
    assert_eq!(shown(&[&format!("bearer {TEXT}")]), Shown::Right);
    assert_eq!(shown(&[]), Shown::Not(Missing::None));
    let short = &TEXT[..TEXT.len() - 1];
    for line in [
        String::new(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        TEXT.to_owned(),
        format!("Basic {TEXT}"),
        format!("Bearer  {TEXT}"),
        format!("Bearer {short}"),
        format!("Bearer {TEXT}x"),
        format!("Bearer {short}9"),
    ] {
        assert_eq!(shown(&[&line]), Shown::Not(Missing::Wrong), "{line:?}");
    }
    let right = format!("Bearer {TEXT}");
    assert_eq!(shown(&[&right, &right]), Shown::Not(Missing::Wrong));
}

#[test]
fn a_token_does_not_show_itself() {
    let token = Token::parse(TEXT).unwrap();
    assert_eq!(format!("{token:?}"), "Token(…)");
    assert_eq!(token.reveal(), TEXT);
}

#[test]
fn each_token_is_another_one_and_reads_back() {
    let (one, two) = (Token::generate().unwrap(), Token::generate().unwrap());
    assert_ne!(one.reveal(), two.reveal());
    assert_eq!(Token::parse(one.reveal()).unwrap().reveal(), one.reveal());
}

#[test]
fn the_first_run_makes_the_file_and_the_next_one_reads_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("token");
    let made = Token::open_or_make(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(Token::open_or_make(&path).unwrap().reveal(), made.reveal());
}

#[test]
fn a_file_that_others_can_read_or_that_holds_something_else_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("token");
    Token::open_or_make(&path).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let error = Token::open_or_make(&path).unwrap_err();
    assert!(matches!(&error, TokenError::Exposed { path: named } if *named == path), "{error}");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    for text in ["", "short\n", &format!("{TEXT}{TEXT}\n")] {
        fs::write(&path, text).unwrap();
        let error = Token::open_or_make(&path).unwrap_err();
        assert!(matches!(&error, TokenError::File { path: named } if *named == path), "{error}");
    }
}

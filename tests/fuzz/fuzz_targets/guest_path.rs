//! However a path is spelled, what comes of it is absolute and has no way up.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mpp_policy::GuestPath;

fn is_normal(path: &GuestPath) -> bool {
    path.as_str().starts_with('/')
        && path.components().all(|part| !matches!(part, "" | "." | "..") && !part.contains('\0'))
}

fuzz_target!(|texts: (&str, &str)| {
    let (one, other) = texts;
    if let Ok(path) = GuestPath::parse(one) {
        assert_eq!(path.as_str(), one);
        assert!(is_normal(&path));
        assert_eq!(GuestPath::resolve(one).as_ref(), Ok(&path));
    }
    let (Ok(one), Ok(other)) = (GuestPath::resolve(one), GuestPath::resolve(other)) else { return };
    assert!(is_normal(&one));
    assert_eq!(GuestPath::parse(one.as_str()).as_ref(), Ok(&one));
    assert_eq!(one.covers(&other), one.strip(&other).is_some());
    if let Some(both) = one.intersect(&other) {
        assert!(one.covers(&both) && other.covers(&both));
    }
    if let Some(below) = one.strip(&other) {
        assert!(!below.starts_with('/'));
        let joined = format!("{}/{below}", one.as_str());
        assert_eq!(GuestPath::resolve(&joined), Ok(other));
    }
});

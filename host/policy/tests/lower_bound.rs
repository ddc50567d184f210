//! The promise of the crate, on many made-up boundaries: what the intersection
//! of two permits, both permit, and what both permit it permits.

use mpp_policy::{
    EnvName, FilesystemPermissions, Grant, GuestPath, HttpTarget, LimitsRequest, Method, NetworkPermissions,
    OperatorPolicy, Outbound, PathPrefix, Permission, Permissions, Scheme,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

fn path() -> impl Strategy<Value = GuestPath> {
    "(/[ab]{1,2}){0,3}".prop_map(|text| GuestPath::resolve(&format!("/{text}")).unwrap())
}

fn outbound() -> impl Strategy<Value = Outbound> {
    let host = select(vec![
        "example.com",
        "api.example.com",
        "a.api.example.com",
        "*.example.com",
        "*.api.example.com",
        "192.0.2.1",
        "[2001:db8::1]",
    ]);
    let methods = subsequence(Method::ALL.to_vec(), 1..=3);
    let prefix = select(vec!["/", "/v1", "/v1/a", "/v10"]);
    (
        host,
        select(vec![80, 443]),
        option::of(select(Scheme::ALL.to_vec())),
        option::of(methods),
        option::of(prefix),
    )
        .prop_map(|(host, port, scheme, methods, prefix)| {
            let mut entry = Outbound::parse(&format!("{host}:{port}")).unwrap();
            if let Some(scheme) = scheme {
                entry = entry.with_scheme(scheme);
            }
            if let Some(methods) = methods {
                entry = entry.with_methods(methods).unwrap();
            }
            if let Some(prefix) = prefix {
                entry = entry.with_path_prefix(PathPrefix::parse(prefix).unwrap());
            }
            entry
        })
}

fn target() -> impl Strategy<Value = HttpTarget> {
    let host = select(vec![
        "example.com",
        "API.example.com",
        "a.api.example.com.",
        "b.example.com",
        "192.0.2.1",
        "[2001:db8::1]",
    ]);
    let path = select(vec![
        "",
        "/v1",
        "/v1/",
        "/v1/a?q",
        "/v1/a/b",
        "/v10",
        "/v1/../v2",
        "/v1%2f..%2fa",
        "/v1/..;/a",
    ]);
    (select(Method::ALL.to_vec()), select(Scheme::ALL.to_vec()), host, select(vec!["", ":80", ":443"]), path)
        .prop_map(|(method, scheme, host, port, path)| {
            HttpTarget::parse(method, &format!("{scheme}://{host}{port}{path}")).unwrap()
        })
}

fn name() -> impl Strategy<Value = EnvName> {
    select(vec!["A", "B", "AB"]).prop_map(|text| EnvName::parse(text).unwrap())
}

fn permissions() -> impl Strategy<Value = Permissions> {
    (
        vec(path(), 0..4),
        vec(path(), 0..4),
        vec(outbound(), 0..4),
        vec(name(), 0..3),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(read, write, outbound, env, clock, random)| Permissions {
            filesystem: FilesystemPermissions { read, write },
            network: NetworkPermissions { outbound },
            env,
            clock,
            random,
        })
}

/// One thing of each kind that a tool could ask for.
#[derive(Debug)]
struct Wish {
    path: GuestPath,
    target: HttpTarget,
    name: EnvName,
}

fn wish() -> impl Strategy<Value = Wish> {
    (path(), target(), name()).prop_map(|(path, target, name)| Wish { path, target, name })
}

/// Which kinds of permission meet a wish.
fn met(permissions: &Permissions, wish: &Wish) -> Vec<Permission> {
    let covered = |entries: &[GuestPath]| entries.iter().any(|entry| entry.covers(&wish.path));
    let holds = |kind: &Permission| match kind {
        Permission::FilesystemRead => covered(&permissions.filesystem.read),
        Permission::FilesystemWrite => covered(&permissions.filesystem.write),
        Permission::NetworkOutbound => {
            permissions.network.outbound.iter().any(|entry| entry.permits(&wish.target))
        }
        Permission::Env => permissions.env.contains(&wish.name),
        Permission::Clock => permissions.clock,
        Permission::Random => permissions.random,
    };
    Permission::ALL.into_iter().filter(holds).collect()
}

/// Which kinds of permission a grant answers with a yes.
fn answered(grant: &Grant, wish: &Wish) -> Vec<Permission> {
    let holds = |kind: &Permission| match kind {
        Permission::FilesystemRead => grant.read(&wish.path).is_ok(),
        Permission::FilesystemWrite => grant.write(&wish.path).is_ok(),
        Permission::NetworkOutbound => grant.outbound(&wish.target).is_ok(),
        Permission::Env => grant.env(wish.name.as_str()).is_ok(),
        Permission::Clock | Permission::Random => grant.allows(*kind),
    };
    Permission::ALL.into_iter().filter(holds).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn two_entries_permit_together_what_their_intersection_permits(
        a in outbound(), b in outbound(), target in target(),
    ) {
        let both = a.intersect(&b);
        prop_assert_eq!(&both, &b.intersect(&a));
        prop_assert_eq!(
            both.is_some_and(|both| both.permits(&target)),
            a.permits(&target) && b.permits(&target)
        );
    }

    #[test]
    fn an_entry_that_covers_permits_at_least_as_much(
        a in outbound(), b in outbound(), target in target(),
    ) {
        if let Some(both) = a.intersect(&b) {
            prop_assert!(a.covers(&both) && b.covers(&both));
        }
        if a.covers(&b) {
            prop_assert!(a.permits(&target) || !b.permits(&target));
            prop_assert_eq!(a.intersect(&b), Some(b));
        }
    }

    #[test]
    fn an_intersection_meets_the_wishes_that_both_sides_meet(
        a in permissions(), b in permissions(), wish in wish(),
    ) {
        let both = a.intersect(&b);
        let (by_a, by_b) = (met(&a, &wish), met(&b, &wish));
        let by_each: Vec<_> = by_a.into_iter().filter(|kind| by_b.contains(kind)).collect();
        prop_assert_eq!(met(&both, &wish), by_each);
        prop_assert!(a.covers(&both) && b.covers(&both));
        prop_assert_eq!(b.intersect(&a), both);
    }

    #[test]
    fn a_grant_answers_as_both_sides_together(
        declared in permissions(), approved in permissions(), wish in wish(),
    ) {
        let policy = OperatorPolicy::approving(approved.clone());
        let grant = Grant::new(&declared, &LimitsRequest::NONE, &policy);
        prop_assert_eq!(answered(&grant, &wish), met(&declared.intersect(&approved), &wish));
        prop_assert!(declared.covers(grant.permissions()));
        prop_assert!(approved.covers(grant.permissions()));
    }

    #[test]
    fn nothing_is_beyond_what_covers(a in permissions(), b in permissions(), wish in wish()) {
        let beyond = a.beyond(&b);
        prop_assert_eq!(beyond.is_empty(), b.covers(&a));
        prop_assert!(a.covers(&beyond));
        if b.covers(&a) {
            let by_b = met(&b, &wish);
            prop_assert!(met(&a, &wish).iter().all(|kind| by_b.contains(kind)));
        }
    }

    #[test]
    fn the_complete_form_reads_back(permissions in permissions()) {
        let json = serde_json::to_string(&permissions).unwrap();
        let read: Permissions = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(&read, &permissions.clone().normalised());
        prop_assert_eq!(serde_json::to_string(&read).unwrap(), json);
        prop_assert!(read.covers(&permissions) && permissions.covers(&read));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[\\[\\]{}\",:a-z/]{0,40}") {
        let _: Result<Permissions, _> = serde_json::from_str(&text);
        let _: Result<LimitsRequest, _> = serde_json::from_str(&text);
        let _: Result<Outbound, _> = serde_json::from_str(&text);
    }
}

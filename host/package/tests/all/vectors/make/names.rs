//! P18: names that reach beyond their publisher.

use serde_json::{Value, json};

use super::{
    Kind, Vector,
    documents::{HELLO, INDEX_KEY, RELEASE_KEY, Release, index, role, root, signed_index, signed_root},
};

pub fn vectors() -> Vec<Vector> {
    [packages(), namespaces(), roots(), indexes()].into_iter().flatten().collect()
}

fn packages() -> Vec<Vector> {
    let by = |publisher| Release { publisher, ..HELLO }.signed();
    vec![
        Vector::new(
            "p18-below-listed",
            "accepted",
            "A package under a name that the root lists.",
            by("com.example.labs"),
        )
        .under("root-1-plain"),
        Vector::new(
            "p18-below-unlisted",
            "untrusted-publisher",
            "A package under a name below the publisher's that the root does not list.",
            by("com.example.evil"),
        )
        .under("root-1-plain"),
        Vector::new(
            "p18-below-pinned",
            "untrusted-publisher",
            "A package under a name below that of a pinned key.",
            by("com.example.labs"),
        ),
        Vector::new(
            "p18-beside",
            "untrusted-publisher",
            "A package under a name that only begins like the publisher's.",
            by("com.example-labs"),
        )
        .under("root-1-plain"),
        Vector::new(
            "p18-upper-case",
            "malformed manifest-json",
            "A package under the publisher's name in capitals.",
            by("com.Example"),
        )
        .under("root-1-plain"),
        Vector::new(
            "p18-look-alike",
            "malformed manifest-json",
            "A package under the publisher's name with a Cyrillic letter.",
            by("com.ex\u{430}mple"),
        )
        .under("root-1-plain"),
        Vector::new(
            "p18-path",
            "malformed manifest-json",
            "A package under a name with a way up in it.",
            by("com.example/../com.other"),
        )
        .under("root-1-plain"),
    ]
}

/// The first root with other namespaces.
fn with(name: &'static str, expect: &str, comment: &str, namespaces: Value) -> Vector {
    let mut root = root(1);
    root["namespaces"] = namespaces;
    let bytes = signed_root(&root, &[11, 12]);
    Vector::new(name, expect, comment, bytes).of(Kind::Root).under("nobody")
}

fn namespaces() -> Vec<Vector> {
    let own = |more: &str| json!(["com.example", more]);
    let foreign = "malformed-root foreign-namespace";
    let no_name = "malformed-root json";
    let many: Vec<_> = (0..65).map(|number| format!("com.example.n{number}")).collect();
    vec![
        with("p18-foreign", foreign, "A root that lists the name of another.", own("org.other")),
        with(
            "p18-dns-order",
            foreign,
            "A root that lists its own name in the order of DNS.",
            own("example.com"),
        ),
        with(
            "p18-sibling",
            foreign,
            "A root that lists a name that begins like its own.",
            own("com.example-evil"),
        ),
        with(
            "p18-prefix",
            foreign,
            "A root that lists a name that begins like its own.",
            own("com.exampleevil"),
        ),
        with(
            "p18-wildcard",
            no_name,
            "A root that lists everything below its own name.",
            own("com.example.*"),
        ),
        with("p18-capitals", no_name, "A root that lists a name in capitals.", own("com.example.LABS")),
        with("p18-unicode", no_name, "A root that lists a name in Cyrillic.", own("com.example.\u{43b}abs")),
        with("p18-dots", no_name, "A root that lists a name with an empty label.", own("com.example..labs")),
        with(
            "p18-dot-behind",
            no_name,
            "A root that lists its own name with a dot behind.",
            own("com.example."),
        ),
        with(
            "p18-without-own",
            "malformed-root not-own-namespace",
            "A root that does not list its own name.",
            json!(["com.example.labs"]),
        ),
        with(
            "p18-twice",
            "malformed-root namespace-twice",
            "A root that lists a name twice.",
            json!(["com.example", "com.example"]),
        ),
        with(
            "p18-too-many",
            "malformed-root too-many-namespaces",
            "A root that lists 65 names.",
            json!(many),
        ),
    ]
}

fn roots() -> Vec<Vector> {
    let of = |publisher: &str, version: u64| {
        let mut root = root(version);
        root["publisher"] = json!(publisher);
        root["namespaces"] = json!([publisher]);
        root["roles"]["release"] = role(&[RELEASE_KEY], 1);
        signed_root(&root, &[11, 12])
    };
    vec![
        Vector::new(
            "p18-claimed-twice",
            "namespace-taken",
            "A root of a name that the root above it lists.",
            of("com.example.labs", 1),
        )
        .of(Kind::Root)
        .under("root-1"),
        Vector::new(
            "p18-claims-the-pinned",
            "namespace-taken",
            "A next root that lists a name for which another root is pinned.",
            {
                let mut next = root(2);
                next["namespaces"] = json!(["com.example", "com.example.labs", "com.example.theirs"]);
                signed_root(&next, &[11, 12])
            },
        )
        .of(Kind::NextRoot)
        .under("root-1 root-theirs"),
        Vector::new(
            "p18-root-of-another",
            "root-of-another",
            "The next root, of another publisher.",
            of("com.other", 2),
        )
        .of(Kind::NextRoot)
        .under("root-1"),
    ]
}

fn indexes() -> Vec<Vector> {
    let mut foreign = HELLO.listed("revoked");
    foreign["publisher"] = json!("com.other");
    let mut another = index(1, &[]);
    another["publisher"] = json!("com.other");
    vec![
        Vector::new(
            "p18-foreign-release",
            "malformed-index foreign-release",
            "An index that revokes a release of another publisher.",
            signed_index(&index(1, &[foreign]), &[INDEX_KEY]),
        )
        .of(Kind::Index)
        .under("root-1"),
        Vector::new(
            "p18-index-of-another",
            "index-of-another",
            "The index of another publisher, signed by this one's index key.",
            signed_index(&another, &[INDEX_KEY]),
        )
        .of(Kind::Index)
        .under("root-1"),
    ]
}

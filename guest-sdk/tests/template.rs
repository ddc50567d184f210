//! What `mpp new` copies.

// The tool itself, with its own tests: they run here as well. It is formatted
// as its new owner's `cargo fmt` does it, not as this repository.
#[rustfmt::skip]
#[path = "../template/src/lib.rs"]
mod template;

const FILES: [(&str, &str); 5] = [
    ("Cargo.toml", include_str!("../template/Cargo.toml")),
    ("mpp.yaml", include_str!("../template/mpp.yaml")),
    ("src/lib.rs", include_str!("../template/src/lib.rs")),
    ("README.md", include_str!("../template/README.md")),
    (".gitignore", include_str!("../template/.gitignore")),
];

#[test]
fn nothing_is_left_to_fill_in_but_the_name_and_the_sdk() {
    for (path, text) in FILES {
        let filled = text.replace("{{name}}", "a-tool").replace("{{sdk}}", "\"0.1\"");
        assert!(!filled.contains("{{"), "{path}");
    }
}

#[test]
fn the_name_and_the_sdk_are_asked_for_where_they_are_needed() {
    let asks = |path, placeholder| {
        let (_, text) = FILES.iter().find(|(at, _)| *at == path).expect("a file of this name");
        text.contains(placeholder)
    };
    assert!(asks("Cargo.toml", "name = \"{{name}}\""));
    assert!(asks("Cargo.toml", "mpp-guest = {{sdk}}"));
    assert!(asks("mpp.yaml", "name: {{name}}"));
}

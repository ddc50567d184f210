//! See `all/main.rs`.

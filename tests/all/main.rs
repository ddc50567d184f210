//! Conformance tests.

mod support;

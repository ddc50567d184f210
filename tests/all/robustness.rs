//! Bad input never panics the host: it ends in a typed error or outcome, and
//! in a record.

use std::sync::LazyLock;

use mpp_host::audit::Event;
use mpp_host::package::{MAX_PACKAGE_BYTES, Package, Schema};
use mpp_host::policy::{Limits, OperatorPolicy, Permissions};
use mpp_host::{LoadError, Outcome, Report, Request};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use tokio::runtime::Runtime;

use crate::support::{Draft, TestHost};
use crate::wat_tool::{WatTool, answer_structured};

/// Cases of a test that compiles or signs in each.
const SOME: u32 = 96;

/// What runs the calls; a case of a property is no asynchronous function.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));

/// A tool with something of everything: imports, memory, data, code.
fn tool() -> Vec<u8> {
    let invoke = format!(
        "(call $log (i32.const 2) (i32.const 1024) (i32.const 2))
         (call $bytes (i32.const 8) (i32.const 64))
         {}",
        answer_structured(1024, 2)
    );
    WatTool {
        imports: r#"(import "mpp:tool/log@0.1.0" "write" (func $log (param i32 i32 i32)))
            (import "mpp:tool/random@0.1.0" "bytes" (func $bytes (param i32 i32)))"#,
        items: r#"(data (i32.const 1024) "{}") (table 4 funcref)"#,
        invoke: &invoke,
        ..WatTool::IDLE
    }
    .component()
}

fn random() -> Permissions {
    Permissions { random: true, ..Permissions::none() }
}

fn draft() -> Draft {
    Draft { permissions: random(), ..Draft::of_component(tool()) }
}

fn policy() -> OperatorPolicy {
    let limits = Limits { time: std::time::Duration::from_secs(2), ..Limits::DEFAULT };
    OperatorPolicy { limits, ..OperatorPolicy::approving(random()) }
}

/// Refused with an error that is not the host's own fault, and on record.
fn refused(host: &TestHost, bytes: Vec<u8>) -> Result<(), TestCaseError> {
    let before = host.audit.head().seq;
    let error = host.load(bytes, &policy()).err();
    prop_assert!(matches!(&error, Some(LoadError::Malformed(_) | LoadError::Unverified(_))), "{error:?}");
    prop_assert_eq!(host.audit.head().seq, before + 1);
    Ok(())
}

/// Loaded and called, or refused; whatever it is, it is the package's fault and
/// on record.
fn judged(host: &TestHost, bytes: Vec<u8>) -> Result<(), TestCaseError> {
    let before = host.audit.head().seq;
    let _inside = RUNTIME.enter();
    let records = match host.load(bytes, &policy()) {
        Err(error) => {
            prop_assert!(!matches!(error, LoadError::Host(_) | LoadError::Audit(_)), "{error:?}");
            1
        }
        Ok(tool) => {
            let name = tool.manifest().tools()[0].name.to_string();
            let report = RUNTIME.block_on(tool.call(Request::new(name, "{}"))).expect("it is on record");
            prop_assert!(!matches!(report.outcome, Outcome::HostFault(_)), "{:?}", report.outcome);
            records(&report)
        }
    };
    prop_assert_eq!(host.audit.head().seq, before + records);
    Ok(())
}

/// How many records a call has: an intent, its denials, an outcome.
fn records(report: &Report) -> u64 {
    2 + report.checks.iter().filter(|check| check.denial.is_some()).count() as u64
}

/// One change of some bytes.
#[derive(Clone, Debug)]
enum Change {
    Set(Index, u8),
    Flip(Index, u8),
    Cut(Index, usize),
    Insert(Index, Vec<u8>),
    Repeat(Index, usize),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, to)| Change::Set(at, to)),
        (any::<Index>(), 0..8_u8).prop_map(|(at, bit)| Change::Flip(at, bit)),
        (any::<Index>(), 1..64_usize).prop_map(|(at, length)| Change::Cut(at, length)),
        (any::<Index>(), vec(any::<u8>(), 1..16)).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        (any::<Index>(), 1..64_usize).prop_map(|(at, length)| Change::Repeat(at, length)),
    ]
}

fn changed(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        if bytes.is_empty() {
            break;
        }
        let room = bytes.len();
        let end = |at: usize, length: usize| (at + length).min(room);
        match change {
            Change::Set(at, to) => bytes[at.index(room)] = *to,
            Change::Flip(at, bit) => bytes[at.index(room)] ^= 1 << bit,
            Change::Cut(at, length) => drop(bytes.drain(at.index(room)..end(at.index(room), *length))),
            Change::Insert(at, more) => {
                drop(bytes.splice(at.index(room)..at.index(room), more.iter().copied()))
            }
            Change::Repeat(at, length) => {
                let at = at.index(room);
                let again = bytes[at..end(at, *length)].to_vec();
                drop(bytes.splice(at..at, again));
            }
        }
    }
    bytes
}

/// Custom sections as the format has them: `0x00`, size, name, contents.
fn section(name: &str, contents: &[u8]) -> Vec<u8> {
    let mut section = Vec::new();
    let custom = wasm_encoder::CustomSection { name: name.into(), data: contents.into() };
    wasm_encoder::Section::append_to(&custom, &mut section);
    section
}

fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(SOME) }
}

fn check<T: std::fmt::Debug>(
    strategy: impl Strategy<Value = T>,
    test: impl Fn(&TestHost, T) -> Result<(), TestCaseError>,
) {
    let host = TestHost::new(|builder| builder.concurrent_calls(1));
    let mut runner = proptest::test_runner::TestRunner::new(config());
    let result = runner.run(&strategy, |value| test(&host, value));
    result.unwrap_or_else(|error| panic!("{error}"));
    host.events();
}

#[test]
fn random_bytes_are_refused() {
    let start = prop_oneof![Just(&b""[..]), Just(&b"\0asm\x0d\0\x01\0"[..])];
    check((start, vec(any::<u8>(), 0..4096)), |host, (start, bytes)| refused(host, [start, &bytes].concat()));
}

#[test]
fn truncated_packages_are_refused() {
    let bytes = draft().signed();
    check(0..bytes.len(), |host, length| refused(host, bytes[..length].to_vec()));
}

#[test]
fn changed_packages_are_refused() {
    let bytes = draft().signed();
    check(vec(change(), 1..8), |host, changes| {
        let changed = changed(bytes.clone(), &changes);
        prop_assume!(changed != bytes);
        refused(host, changed)
    });
}

/// The publisher signs what somebody has spoiled: the signature holds, and the
/// component is anything.
#[test]
fn components_that_were_changed_before_they_were_signed_never_fail_the_host() {
    let good = draft();
    check(vec(change(), 1..4), |host, changes| {
        let component = changed(good.component.clone(), &changes);
        let draft = Draft { component, ..good.clone() };
        // What is not even a list of sections cannot be packed.
        prop_assume!(mpp_host::package::pack(&draft.component, &draft.manifest()).is_ok());
        judged(host, draft.signed())
    });
}

/// As above, for code only: it mostly compiles, and does anything.
#[test]
fn code_that_was_changed_before_it_was_signed_never_fails_the_host() {
    let good = draft();
    let data = good.component.windows(2).rposition(|window| window == b"{}").expect("there is data");
    check(vec((0..400_usize, any::<u8>()), 1..3), |host, changes| {
        let mut component = good.component.clone();
        for (before, to) in changes {
            let at = data.saturating_sub(before);
            component[at] = to;
        }
        let draft = Draft { component, ..good.clone() };
        prop_assume!(mpp_host::package::pack(&draft.component, &draft.manifest()).is_ok());
        judged(host, draft.signed())
    });
}

#[test]
fn manifests_that_were_changed_are_refused() {
    let good = draft();
    let manifest = good.manifest().to_json().expect("it can be written");
    check(vec(change(), 1..4), |host, changes| {
        let changed = changed(manifest.clone(), &changes);
        prop_assume!(changed != manifest);
        let package = [&good.component[..], &section("mpp:manifest", &changed)].concat();
        // One that is well formed all the same is not signed, which is as good.
        refused(host, package)
    });
}

/// Any JSON as the schema of a tool's arguments, below an object's.
#[test]
fn schemas_of_any_kind_never_fail_the_host() {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(|number| serde_json::Number::from_f64(number).map_or(0.into(), Into::into)),
        "[a-z$/#(\\[*+?{.^]{0,12}".prop_map(Into::into),
    ];
    let keyword = prop_oneof![
        Just("type"),
        Just("properties"),
        Just("items"),
        Just("$ref"),
        Just("$dynamicRef"),
        Just("$id"),
        Just("pattern"),
        Just("patternProperties"),
        Just("enum"),
        Just("const"),
        Just("minimum"),
        Just("multipleOf"),
        Just("maxLength"),
        Just("anyOf"),
        Just("allOf"),
        Just("not"),
        Just("required"),
        Just("format"),
        Just("unevaluatedProperties"),
        Just("$schema"),
        Just("$defs"),
        Just("dependentSchemas"),
        Just("prefixItems"),
        Just("contentEncoding"),
    ];
    let value = leaf.prop_recursive(4, 32, 4, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Into::into),
            vec((keyword.clone(), inner), 0..4).prop_map(|members| {
                members
                    .into_iter()
                    .map(|(key, value)| (key.to_owned(), value))
                    .collect::<serde_json::Map<_, _>>()
                    .into()
            }),
        ]
    });
    let good = draft();
    check((value.clone(), value), |host, (schema, input)| {
        let schema =
            serde_json::json!({"type": "object", "properties": {"a": schema.clone()}, "allOf": [schema]});
        prop_assume!(Schema::parse(&schema.to_string()).is_ok());
        let mut draft = good.clone();
        draft.tools[0].input_schema = Schema::parse(&schema.to_string()).expect("it was one before");
        let before = host.audit.head().seq;
        let _inside = RUNTIME.enter();
        let records = match host.load(draft.signed(), &policy()) {
            Err(error) => {
                prop_assert!(matches!(error, LoadError::Schema { .. }), "{error:?}");
                1
            }
            Ok(tool) => {
                let input = serde_json::json!({"a": input}).to_string();
                let report =
                    RUNTIME.block_on(tool.call(Request::new("tool", input))).expect("it is on record");
                prop_assert!(!matches!(report.outcome, Outcome::HostFault(_)), "{:?}", report.outcome);
                records(&report)
            }
        };
        prop_assert_eq!(host.audit.head().seq, before + records);
        Ok(())
    });
}

/// Any text as the arguments of a call.
#[test]
fn input_of_any_kind_never_fails_the_host() {
    let input = prop_oneof![".{0,64}", "[\\[{\"a:,0-9.eE+\\-\\\\u}\\] ]{0,64}", "\\{\"a\": ?[\\[{]{0,200}"];
    let host = TestHost::new(|builder| builder);
    let _inside = RUNTIME.enter();
    let tool = host.load(draft().signed(), &policy()).expect("it loads");
    check(input, |_, input| {
        let report = RUNTIME.block_on(tool.call(Request::new("tool", input))).expect("it is on record");
        prop_assert!(!matches!(report.outcome, Outcome::HostFault(_)), "{:?}", report.outcome);
        Ok(())
    });
}

/// Nested deeper than any reader follows.
#[test]
fn input_that_nests_without_end_is_refused() {
    let host = TestHost::new(|builder| builder);
    let _inside = RUNTIME.enter();
    let tool = host.load(draft().signed(), &policy()).expect("it loads");
    for depth in [100, 1_000, 1_000_000] {
        let input = format!(r#"{{"a": {}{}}}"#, "[".repeat(depth), "]".repeat(depth));
        let report = RUNTIME.block_on(tool.call(Request::new("tool", input))).expect("it is on record");
        let refused = matches!(report.outcome, Outcome::Refused(mpp_host::outcome::Refusal::NotJson(_)));
        assert_eq!(refused, depth > 127, "{depth}: {:?}", report.outcome);
    }
}

/// As large as a package may be, and larger; without a signature, either way.
#[test]
fn a_package_that_is_too_large_is_refused_without_being_read() {
    let host = TestHost::new(|builder| builder);
    for bytes in [MAX_PACKAGE_BYTES, MAX_PACKAGE_BYTES + 1] {
        let zeroes = vec![0; bytes];
        assert!(Package::parse(zeroes.clone()).is_err());
        assert!(matches!(host.load(zeroes, &policy()), Err(LoadError::Malformed(_))));
    }
    assert!(host.events().iter().all(|event| matches!(event, Event::Refusal(_))));
}

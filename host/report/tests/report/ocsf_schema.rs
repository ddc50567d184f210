//! OCSF events against the schema.
//!
//! The lists below are data: what version 1.8.0 of the schema says, read from
//! `events/base_event.json`, `events/application/api_activity.json`,
//! `profiles/{security_control,ai_operation,trace}.json`, `objects/*.json` and the
//! enumerations of `dictionary.json` at tag v1.8.0 of github.com/ocsf/ocsf-schema.

use mpp_report::{Format, Payloads};
use serde_json::{Map, Value};

use crate::{export, scene};

/// What the schema says of one class or object.
struct Shape {
    /// Must be there.
    required: &'static [&'static str],
    /// One of these must be there; none where the schema asks for none.
    one_of: &'static [&'static str],
    /// May be there. Not whole: as much as is used here.
    others: &'static [&'static str],
}

const CLASS: Shape = Shape {
    required: &[
        "activity_id",
        "actor",
        "api",
        "category_uid",
        "class_uid",
        "metadata",
        "severity_id",
        "src_endpoint",
        "time",
        "type_uid",
    ],
    one_of: &[],
    others: &[
        "activity_name",
        "category_name",
        "class_name",
        "dst_endpoint",
        "message",
        "resources",
        "severity",
        "status",
        "status_code",
        "status_detail",
        "status_id",
        "type_name",
        "unmapped",
    ],
};

/// Attributes of the class that a profile adds, with its name.
const PROFILES: [(&str, &[&str]); 3] = [
    ("security_control", &["action", "action_id", "disposition", "disposition_id"]),
    ("ai_operation", &["ai_model", "message_context"]),
    ("trace", &["trace"]),
];

const OBJECTS: [(&str, Shape); 13] = [
    (
        "/metadata",
        Shape {
            required: &["product", "version"],
            one_of: &[],
            others: &[
                "correlation_uid",
                "log_name",
                "log_version",
                "logged_time",
                "original_time",
                "profiles",
                "sequence",
                "uid",
            ],
        },
    ),
    (
        "/metadata/product",
        Shape { required: &[], one_of: &["name", "uid"], others: &["vendor_name", "version"] },
    ),
    (
        "/actor",
        Shape {
            required: &[],
            one_of: &["process", "user", "invoked_by", "session", "app_name", "app_uid"],
            others: &[],
        },
    ),
    (
        "/actor/user",
        Shape { required: &[], one_of: &["account", "name", "uid"], others: &["type", "type_id"] },
    ),
    ("/actor/session", Shape { required: &[], one_of: &[], others: &["uid"] }),
    ("/src_endpoint", ENDPOINT),
    ("/dst_endpoint", ENDPOINT),
    ("/api", Shape { required: &["operation"], one_of: &[], others: &["request", "response", "service"] }),
    ("/api/service", SOFTWARE),
    ("/api/request", Shape { required: &["uid"], one_of: &[], others: &["data"] }),
    ("/api/response", Shape { required: &[], one_of: &[], others: &["data", "error", "error_message"] }),
    (
        "/message_context",
        Shape {
            required: &[],
            one_of: &["application", "service"],
            others: &["ai_role", "ai_role_id", "uid"],
        },
    ),
    ("/trace", Shape { required: &["uid"], one_of: &[], others: &["flags", "service", "span"] }),
];

const ENDPOINT: Shape = Shape {
    required: &[],
    one_of: &[
        "ip",
        "uid",
        "name",
        "hostname",
        "svc_name",
        "instance_uid",
        "interface_uid",
        "interface_name",
        "domain",
    ],
    others: &[],
};

const SOFTWARE: Shape = Shape { required: &[], one_of: &["name", "uid"], others: &["version"] };

const RESOURCE: Shape =
    Shape { required: &[], one_of: &["name", "uid"], others: &["role", "role_id", "type", "version"] };

type Captions = &'static [(u64, &'static str)];

/// Numbers that have a caption beside them.
const CAPTIONS: [(&str, &str, Captions); 5] = [
    ("severity_id", "severity", &[(1, "Informational"), (2, "Low"), (3, "Medium"), (4, "High")]),
    ("status_id", "status", &[(0, "Unknown"), (1, "Success"), (2, "Failure")]),
    ("action_id", "action", &[(1, "Allowed"), (2, "Denied")]),
    ("disposition_id", "disposition", &[(0, "Unknown"), (1, "Allowed"), (2, "Blocked")]),
    ("activity_id", "activity_name", &[(1, "Create"), (2, "Read"), (3, "Update"), (4, "Delete")]),
];

fn object<'a>(value: &'a Value, at: &str) -> &'a Map<String, Value> {
    value.as_object().unwrap_or_else(|| panic!("{at} is no object"))
}

fn check(shape: &Shape, allowed: &[&str], found: &Map<String, Value>, at: &str) {
    for name in shape.required {
        assert!(found.get(*name).is_some_and(|value| !value.is_null()), "{at} has no {name}");
    }
    let one = shape.one_of.is_empty() || shape.one_of.iter().any(|name| found.contains_key(*name));
    assert!(one, "{at} has none of {:?}", shape.one_of);
    for name in found.keys().map(String::as_str) {
        let known =
            [shape.required, shape.one_of, shape.others, allowed].iter().any(|list| list.contains(&name));
        assert!(known, "{at} has {name}, which the schema does not have, or not without its profile");
    }
}

fn check_event(event: &Value) {
    let profiles: Vec<&str> =
        event["metadata"]["profiles"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    let added: Vec<&str> = PROFILES
        .iter()
        .filter(|(name, _)| profiles.contains(name))
        .flat_map(|(_, attributes)| attributes.iter().copied())
        .collect();
    check(&CLASS, &added, object(event, "the event"), "the event");
    for (at, shape) in &OBJECTS {
        if let Some(found) = event.pointer(at) {
            check(shape, &[], object(found, at), at);
        }
    }
    if let Some(application) = event.pointer("/message_context/application") {
        check(&SOFTWARE, &[], object(application, "application"), "application");
    }
    for resource in event["resources"].as_array().into_iter().flatten() {
        check(&RESOURCE, &[], object(resource, "a resource"), "a resource");
    }
    check_numbers(event);
}

fn check_numbers(event: &Value) {
    assert_eq!((event["category_uid"].as_u64(), event["class_uid"].as_u64()), (Some(6), Some(6003)));
    let activity = event["activity_id"].as_u64().unwrap();
    assert_eq!(event["type_uid"].as_u64(), Some(6003 * 100 + activity));
    assert_eq!(event["metadata"]["version"], "1.8.0");
    for (id, caption, captions) in CAPTIONS {
        let number = event[id].as_u64().unwrap();
        let expected = captions.iter().find(|(known, _)| *known == number).map(|(_, caption)| *caption);
        // 99 is *Other*: its caption is the source's own word.
        assert!(number == 99 || event[caption].as_str() == expected, "{id} {number} is {}", event[caption]);
    }
}

fn events(payloads: Payloads) -> Vec<Value> {
    let items = [scene::items(), scene::filled(100, "name", "payload")].concat();
    export(Format::Ocsf, payloads, &items).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_event_has_what_the_class_and_its_profiles_require_and_nothing_unknown() {
    for payloads in [Payloads::Withheld, Payloads::Included] {
        for event in events(payloads) {
            check_event(&event);
        }
    }
}

#[test]
fn calls_are_operations_of_an_ai_and_denials_are_blocked() {
    let events = events(Payloads::Withheld);
    let of = |code: &str| events.iter().find(|event| event["status_code"] == code).unwrap();
    for event in [of("ok"), of("denied"), of("not-declared")] {
        assert_eq!(event["type_uid"], 600_399);
        assert_eq!(event["metadata"]["profiles"][1], "ai_operation");
        assert_eq!(event["message_context"]["ai_role"], "Tool");
    }
    assert_eq!((&of("ok")["disposition"], &of("ok")["status"]), (&"Allowed".into(), &"Success".into()));
    assert_eq!(of("denied")["disposition"], "Blocked");
    assert_eq!(of("not-declared")["disposition"], "Blocked");
    assert_eq!(of("unsigned")["action"], "Denied");
}

#[test]
#[should_panic(expected = "the event has no actor")]
fn an_event_without_an_actor_does_not_pass_this_check() {
    let mut event = events(Payloads::Withheld).remove(0);
    event.as_object_mut().unwrap().remove("actor");
    check_event(&event);
}

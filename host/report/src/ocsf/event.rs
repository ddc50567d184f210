//! One event of class API Activity.

use mpp_audit::{Hash, PackageIdentity, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value};

use super::VERSION;
use super::words::{Activity, CATEGORY, CLASS, Result, severity};
use crate::export::Source;
use crate::time::milliseconds;
use crate::weight::Weight;

/// The attributes, in the order of the schema's groups.
#[derive(Debug, Serialize)]
pub(super) struct Event<'a> {
    activity_id: u32,
    activity_name: String,
    category_uid: u32,
    category_name: &'static str,
    class_uid: u32,
    class_name: &'static str,
    type_uid: u32,
    type_name: String,
    severity_id: u8,
    severity: &'static str,
    time: i64,
    #[serde(flatten)]
    pub(super) result: Result,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status_detail: Option<String>,
    pub(super) message: String,
    pub(super) actor: Actor<'a>,
    pub(super) src_endpoint: Endpoint<'a>,
    dst_endpoint: Endpoint<'a>,
    pub(super) api: Api<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) resources: Vec<Resource<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message_context: Option<MessageContext<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) trace: Option<Trace<'a>>,
    pub(super) metadata: Metadata<'a>,
    pub(super) unmapped: Map<String, Value>,
}

/// The record that an event is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct About {
    pub(super) seq: u64,
    pub(super) leaf: Hash,
    /// When the record was put in the log's order.
    pub(super) recorded: Timestamp,
    /// When it happened.
    pub(super) happened: Timestamp,
}

impl<'a> Event<'a> {
    /// An event with everything that is required.
    pub(super) fn new(
        source: &'a Source,
        about: About,
        (activity, weight, result): (Activity, Weight, Result),
        actor: Actor<'a>,
        operation: &'a str,
    ) -> Self {
        let (severity_id, severity) = severity(weight);
        let mut unmapped = Map::new();
        unmapped.insert("audit_log".to_owned(), source.log.clone().into());
        unmapped.insert("audit_seq".to_owned(), about.seq.into());
        unmapped.insert("audit_leaf".to_owned(), about.leaf.to_string().into());
        Self {
            activity_id: activity.id,
            category_uid: CATEGORY,
            category_name: "Application Activity",
            class_uid: CLASS,
            class_name: "API Activity",
            type_uid: activity.type_uid(),
            type_name: activity.type_name(),
            activity_name: activity.name,
            severity_id,
            severity,
            time: milliseconds(about.happened),
            result,
            status_code: None,
            status_detail: None,
            message: String::new(),
            src_endpoint: Endpoint { svc_name: actor.app_name.unwrap_or(UNKNOWN), instance_uid: None },
            dst_endpoint: Endpoint { svc_name: "mpp", instance_uid: Some(&source.log) },
            actor,
            api: Api { operation, service: None, request: None, response: None },
            resources: Vec::new(),
            message_context: None,
            trace: None,
            metadata: Metadata::new(source, about),
            unmapped,
        }
    }
}

/// Stands where the schema asks for a name and the log has none.
pub(super) const UNKNOWN: &str = "unknown";

#[derive(Debug, Serialize)]
pub(super) struct Metadata<'a> {
    version: &'static str,
    pub(super) profiles: Vec<&'static str>,
    product: Product,
    log_name: &'a str,
    log_version: &'static str,
    uid: String,
    sequence: u64,
    logged_time: i64,
    original_time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) correlation_uid: Option<&'a str>,
}

impl<'a> Metadata<'a> {
    fn new(source: &'a Source, about: About) -> Self {
        Self {
            version: VERSION,
            profiles: vec!["security_control"],
            product: Product { name: "mpp", vendor_name: "mpp", version: env!("CARGO_PKG_VERSION") },
            log_name: &source.log,
            log_version: mpp_audit::Header::FORMAT,
            uid: format!("{}:{}", source.log, about.seq),
            sequence: about.seq,
            logged_time: milliseconds(about.recorded),
            original_time: about.recorded.to_string(),
            correlation_uid: None,
        }
    }
}

#[derive(Debug, Serialize)]
struct Product {
    name: &'static str,
    vendor_name: &'static str,
    version: &'static str,
}

/// At least one of the three is there.
#[derive(Debug, Serialize)]
pub(super) struct Actor<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) user: Option<User<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) session: Option<Uid<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) app_name: Option<&'a str>,
}

#[derive(Debug, Serialize)]
pub(super) struct User<'a> {
    pub(super) name: &'a str,
    pub(super) type_id: u8,
    #[serde(rename = "type")]
    pub(super) type_name: &'static str,
}

#[derive(Debug, Serialize)]
pub(super) struct Uid<'a> {
    pub(super) uid: &'a str,
}

#[derive(Debug, Serialize)]
pub(super) struct Endpoint<'a> {
    svc_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_uid: Option<&'a str>,
}

#[derive(Debug, Serialize)]
pub(super) struct Api<'a> {
    operation: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) service: Option<Software<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) request: Option<Request<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) response: Option<Response<'a>>,
}

#[derive(Debug, Serialize)]
pub(super) struct Request<'a> {
    pub(super) uid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) data: Option<&'a str>,
}

#[derive(Debug, Serialize)]
pub(super) struct Response<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error_message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) data: Option<&'a str>,
}

/// A package, as a service of the API and as the application of a message.
#[derive(Debug, Serialize)]
pub(super) struct Software<'a> {
    name: String,
    uid: &'a str,
    version: &'a str,
}

impl<'a> Software<'a> {
    pub(super) fn new(package: &'a PackageIdentity) -> Self {
        let PackageIdentity { publisher, name, version, digest, .. } = package;
        Self { name: format!("{publisher}/{name}"), uid: digest, version }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct Resource<'a> {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    #[serde(rename = "type")]
    kind: &'a str,
    role_id: u8,
    role: &'static str,
}

impl<'a> Resource<'a> {
    pub(super) fn package(package: &'a PackageIdentity) -> Self {
        let Software { name, uid, version } = Software::new(package);
        Self { name, uid: Some(uid), version: Some(version), kind: "package", role_id: 1, role: "Target" }
    }

    pub(super) fn other(kind: &'a str, name: &str) -> Self {
        Self { name: name.to_owned(), uid: None, version: None, kind, role_id: 1, role: "Target" }
    }
}

/// The attribute of `ai_operation`: the message is one to a tool.
#[derive(Debug, Serialize)]
pub(super) struct MessageContext<'a> {
    pub(super) uid: &'a str,
    ai_role_id: u8,
    ai_role: &'static str,
    application: Software<'a>,
}

impl<'a> MessageContext<'a> {
    pub(super) fn to_tool(uid: &'a str, package: &'a PackageIdentity) -> Self {
        Self { uid, ai_role_id: 3, ai_role: "Tool", application: Software::new(package) }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct Trace<'a> {
    pub(super) uid: &'a str,
}

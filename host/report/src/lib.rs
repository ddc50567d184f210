//! # What the audit log says, in other forms
//!
//! For a collector of telemetry, for a security data lake, for a spreadsheet, and
//! for a person with a browser:
//!
//! | form | what it is |
//! |---|---|
//! | [`otel`] | OpenTelemetry logs, OTLP/JSON, with the attributes of the GenAI conventions |
//! | [`ocsf`] | OCSF events of class API Activity, JSON lines |
//! | [`table`] | CSV |
//! | [`html`] | one page, whole without a network |
//!
//! All of them are projections of [`mpp_audit::view`], and promise the same:
//!
//! - **A projection is never evidence.** Each line refers back to its record by
//!   number (`seq`) and leaf hash, which is what the log can prove. Whoever has a
//!   projection can change it.
//! - **Payloads stay in the log unless they are asked for** ([`Payloads`]): what
//!   callers and tools said, and what a tool asked the host for. Without them a
//!   projection has lengths, and whether the log still has the payload. Names are
//!   no payloads: of packages, tools and callers, and the permission documents.
//! - **Text of strangers is data.** It ends no line, is no formula and no markup,
//!   and on the page it does not hide.
//! - **Memory is bounded.** An [`Exporter`] holds one item; a [`Report`](html::Report)
//!   what it will show, and no more.
//!
//! A call comes when it has ended, so lines are in the order of the ends of calls.
//! [`Window`] says which part of a log is projected.

mod export;
pub mod html;
pub mod ocsf;
pub mod otel;
mod payload;
mod said;
pub mod table;
mod text;
mod time;
mod trace;
mod weight;
mod window;

pub use export::{Exporter, Format, Source};
pub use payload::Payloads;
pub use window::{NoPoint, Point, Window};

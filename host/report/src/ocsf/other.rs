//! Records that are part of no call.

use mpp_audit::Record;

use super::event::{About, Actor, Event, Resource, User};
use super::words::{Activity, Result};
use crate::export::Source;
use crate::said::{Said, Topic};

/// The event of such a record.
pub(super) fn event<'a>(source: &'a Source, record: &'a Record) -> Event<'a> {
    let Said { weight, topic, deed, action, subject, package, actor, code, detail } = Said::by(record);
    let about = About { seq: record.seq, leaf: record.hash, recorded: record.ts, happened: record.ts };
    let kind = record.entry.kind();
    let result = if topic == Topic::Refused { Result::DENIED } else { Result::DONE };
    let actor = Actor {
        user: actor.map(|name| User { name, type_id: 0, type_name: "Unknown" }),
        session: None,
        // What the host does without being told to by anybody it knows.
        app_name: Some("mpp"),
    };
    let what = (Activity::of(deed, action), weight, result);
    let mut event = Event::new(source, about, what, actor, kind);
    event.message = format!("{kind}: {action}");
    event.status_code = code;
    event.status_detail = detail;
    event.unmapped.insert("action".to_owned(), action.into());
    event.resources.extend(package.map(Resource::package));
    event.resources.extend(subject.map(|subject| Resource::other(kind, &subject)));
    event
}

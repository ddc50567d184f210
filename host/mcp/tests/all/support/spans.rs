//! Who listens to spans.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Once;

use mpp_mcp::SPAN_TARGET;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};

/// The fields of a span, as text.
pub type Fields = BTreeMap<&'static str, String>;

/// The spans of requests that this thread's server builds, while it is there.
pub struct Listening(());

thread_local! {
    /// What is built in this thread; nothing where nobody listens.
    static BUILT: RefCell<Option<Vec<Fields>>> = const { RefCell::new(None) };
}

/// Has one subscriber for all threads. To be asked before a server builds a span:
/// whether anybody may want a span is decided once, when it is built first.
pub fn subscribe() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| tracing::subscriber::set_global_default(Spans).expect("nobody else subscribes"));
}

impl Listening {
    pub fn start() -> Self {
        subscribe();
        BUILT.set(Some(Vec::new()));
        Self(())
    }

    /// The spans, in the order in which they began.
    pub fn spans(&self) -> Vec<Fields> {
        BUILT.with_borrow(|built| built.clone().expect("it listens"))
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        BUILT.set(None);
    }
}

struct Spans;

impl Subscriber for Spans {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_span() && metadata.target() == SPAN_TARGET
    }

    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.enabled(metadata) { Interest::always() } else { Interest::never() }
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut fields = Kept(Fields::new());
        attributes.record(&mut fields);
        // Numbers of spans begin at 1.
        let spans = |built: &mut Vec<Fields>| {
            built.push(fields.0);
            built.len() as u64
        };
        Id::from_u64(BUILT.with_borrow_mut(|built| built.as_mut().map_or(1, spans)))
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        let mut fields = Kept(Fields::new());
        values.record(&mut fields);
        let place = usize::try_from(span.into_u64()).unwrap() - 1;
        BUILT.with_borrow_mut(|built| {
            if let Some(built) = built {
                built[place].extend(fields.0);
            }
        });
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Kept(Fields);

impl Visit for Kept {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

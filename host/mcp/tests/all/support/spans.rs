//! Who listens to spans.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use mpp_mcp::SPAN_TARGET;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Metadata, Subscriber};

/// The fields of a span, as text.
pub type Fields = BTreeMap<&'static str, String>;

/// The spans of requests that this thread's server builds, while it is there.
pub struct Listening {
    spans: Arc<Mutex<Vec<Fields>>>,
    _default: DefaultGuard,
}

impl Listening {
    pub fn start() -> Self {
        let spans = Arc::new(Mutex::new(Vec::new()));
        let _default = tracing::subscriber::set_default(Spans(Arc::clone(&spans)));
        Self { spans, _default }
    }

    /// The spans, in the order in which they began.
    pub fn spans(&self) -> Vec<Fields> {
        self.spans.lock().unwrap().clone()
    }
}

struct Spans(Arc<Mutex<Vec<Fields>>>);

impl Subscriber for Spans {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_span() && metadata.target() == SPAN_TARGET
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut fields = Kept(Fields::new());
        attributes.record(&mut fields);
        let mut spans = self.0.lock().unwrap();
        spans.push(fields.0);
        Id::from_u64(spans.len() as u64)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        let mut fields = Kept(Fields::new());
        values.record(&mut fields);
        let place = usize::try_from(span.into_u64()).unwrap() - 1;
        self.0.lock().unwrap()[place].extend(fields.0);
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

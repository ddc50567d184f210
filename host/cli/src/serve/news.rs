//! What the server has to say to the person who started it, while it serves.
//!
//! Whoever has news never waits; what a slow terminal does not take is dropped.

use tokio::sync::mpsc;

use crate::exit::Failure;
use crate::output::Streams;

/// News that wait to be told. Further ones are not told.
const MAX_UNTOLD: usize = 256;

/// Takes news. Clones tell the same person.
#[derive(Debug, Clone)]
pub(crate) struct News(mpsc::Sender<Item>);

/// The other end.
#[derive(Debug)]
pub(crate) struct Untold(mpsc::Receiver<Item>);

#[derive(Debug)]
enum Item {
    Note(&'static str, String),
    Warning(Box<Failure>),
}

impl News {
    /// Both ends.
    pub(crate) fn new() -> (Self, Untold) {
        let (tell, untold) = mpsc::channel(MAX_UNTOLD);
        (Self(tell), Untold(untold))
    }

    /// Something that happened.
    pub(crate) fn note(&self, label: &'static str, text: String) {
        let _ = self.0.try_send(Item::Note(label, text));
    }

    /// Something that does not work as it should, though serving goes on.
    pub(crate) fn warn(&self, failure: &Failure) {
        let _ = self.0.try_send(Item::Warning(Box::new(failure.clone())));
    }
}

impl Untold {
    /// Tells the next news. Returns `false` once there will be none.
    pub(crate) async fn tell_next(&mut self, streams: &mut Streams<'_>) -> bool {
        match self.0.recv().await {
            Some(item) => {
                item.tell(streams);
                true
            }
            None => false,
        }
    }

    /// Tells what is left.
    pub(crate) fn tell_rest(&mut self, streams: &mut Streams<'_>) {
        while let Ok(item) = self.0.try_recv() {
            item.tell(streams);
        }
    }
}

impl Item {
    fn tell(self, streams: &mut Streams<'_>) {
        match self {
            Self::Note(label, text) => streams.note(label, &text),
            Self::Warning(failure) => streams.trouble(&failure),
        }
    }
}

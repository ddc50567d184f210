//! [`Tools`] of what is installed, as it is at each moment.

use std::collections::HashSet;
use std::future::Future;
use std::sync::{Arc, Mutex as SyncMutex, PoisonError, RwLock};

use mpp_host::{Host, Tool};
use mpp_mcp::{Call, Described, Descriptions, Ended, Listing, Tools, TraceContext};
use mpp_package::Digest;
use tokio::sync::{Mutex, Semaphore, watch};
use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval};

use super::catalog::{Catalog, Chosen, Look, Place};
use super::loading::{Loading, NotLoaded};
use super::news::News;
use super::shelf::{MAX_WEIGHT, Shelf};
use super::watch::{LOOK_AGAIN, Stamps};
use super::{answer, descriptions, question};
use crate::exit::{Failure, Outcome};
use crate::home::Home;
use crate::installed::{Installed, Store};
use crate::operator::Bounds;
use crate::telemetry::Telemetry;
use crate::trust;

/// Packages that are loaded at a time: compiling one takes a core or two.
const MAX_LOADING: usize = 2;

/// After how many looks at the files a package that is left out is looked at again:
/// ten seconds.
const TRY_AGAIN: u64 = 40;

/// What a client is told where the files cannot be read; why is for a person.
const UNREADABLE: &str = "what is installed and trusted here cannot be read, so no tool is called";

/// What the tools are made of.
pub(crate) struct Source {
    pub(crate) home: Home,
    pub(crate) chosen: Chosen,
    pub(crate) bounds: Bounds,
    /// Whom it trusts does not count: the trust file says it.
    pub(crate) host: Host,
    pub(crate) news: News,
}

/// The tools of the installed packages. A clone is the same.
#[derive(Clone)]
pub(crate) struct InstalledTools(Arc<Inner>);

struct Inner {
    source: Source,
    now: RwLock<Now>,
    /// Held by whoever reads the files again.
    looking: Mutex<()>,
    loading: Arc<Semaphore>,
    generation: watch::Sender<u64>,
    cancelled: watch::Sender<bool>,
}

/// What is served now.
#[derive(Clone)]
struct Now {
    state: Arc<State>,
    /// Why the files that are there cannot be used: then nothing is called.
    trouble: Option<Failure>,
    /// The files that this is of; `None` where they are to be read again.
    stamps: Option<Stamps>,
}

/// What is served, as of some files.
struct State {
    catalog: Catalog,
    descriptions: Descriptions,
    loading: Loading,
    shelf: Shelf<Digest, Tool>,
    /// Packages of which a person was told that they cannot be loaded.
    told: SyncMutex<HashSet<Digest>>,
    /// The files that this was read from; older than those of [`Now`] where these
    /// cannot be used.
    stamps: Stamps,
}

impl InstalledTools {
    /// The tools as they are now. Blocks.
    pub(crate) fn open(source: Source) -> Outcome<Self> {
        let stamps = Stamps::now(&source.home);
        let state = State::read(&source, stamps, None)?;
        let generation = watch::Sender::new(state.catalog.listing.generation());
        let now = RwLock::new(Now { state: Arc::new(state), trouble: None, stamps: Some(stamps) });
        let (looking, loading) = (Mutex::new(()), Arc::new(Semaphore::new(MAX_LOADING)));
        let cancelled = watch::Sender::new(false);
        Ok(Self(Arc::new(Inner { source, now, looking, loading, generation, cancelled })))
    }

    /// How many tools of how many packages are served.
    pub(crate) fn numbers(&self) -> (usize, usize) {
        let now = self.0.now();
        (now.state.catalog.listing.names().count(), now.state.catalog.packages().count())
    }

    /// Cancels what runs, and whatever is called from now on.
    pub(crate) fn cancel(&self) {
        self.0.cancelled.send_replace(true);
    }

    /// Keeps the list up to date while nobody calls. Never returns.
    pub(crate) async fn follow(&self) {
        let mut time = interval(LOOK_AGAIN);
        time.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for looks in 1_u64.. {
            time.tick().await;
            if looks.is_multiple_of(TRY_AGAIN) {
                self.0.doubt_what_is_left_out();
            }
            self.0.up_to_date().await;
        }
    }
}

impl Tools for InstalledTools {
    fn listing(&self) -> Arc<Listing> {
        Arc::clone(&self.0.now().state.catalog.listing)
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.0.generation.subscribe()
    }

    fn call(&self, call: Call) -> impl Future<Output = Ended> + Send {
        let inner = Arc::clone(&self.0);
        async move {
            // Dropping the call is what stops the guest.
            tokio::select! {
                biased;
                () = inner.cancelled() => answer::cancelled(),
                ended = inner.call(call) => ended,
            }
        }
    }

    fn traced(&self, span: &tracing::Span, trace: &TraceContext) {
        Telemetry::traced(span, trace);
    }
}

impl Inner {
    fn now(&self) -> Now {
        self.now.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns once what runs is to be cancelled.
    async fn cancelled(&self) {
        // The sender lives as long as this does, so the wait has no other end.
        let _ = self.cancelled.subscribe().wait_for(|cancelled| *cancelled).await;
    }

    async fn call(self: &Arc<Self>, call: Call) -> Ended {
        let (tool, described) = match self.found(&call.tool).await {
            Ok(found) => found,
            Err(ended) => return ended,
        };
        match tool.call(question::of(call, described.name())).await {
            Ok(report) => answer::of(report),
            Err(error) => answer::of_error(&error),
        }
    }

    /// The tool that is served by this name, loaded, and as its manifest describes it.
    async fn found(self: &Arc<Self>, name: &str) -> Result<(Tool, Described), Ended> {
        loop {
            let Now { state, trouble, stamps: _ } = self.up_to_date().await;
            if trouble.is_some() {
                return Err(Ended::Unavailable(UNREADABLE.to_owned()));
            }
            let Some(Place { package, tool }) = state.catalog.place(name).cloned() else {
                return Err(Ended::NoSuchTool);
            };
            if let Some(loaded) = state.shelf.loaded(&package.digest) {
                return Ok((loaded, tool));
            }
            match state.shelf.get(&package.digest, self.load(&state, &package)).await {
                // It took its time, and what was trusted then need not be now.
                Ok(loaded) if self.is_current(&state) => return Ok((loaded, tool)),
                Ok(_) => {}
                Err(not_loaded) => {
                    if state.told.lock().unwrap_or_else(PoisonError::into_inner).insert(package.digest) {
                        self.source.news.warn(&not_loaded.failure);
                    }
                    return Err(not_loaded.ended());
                }
            }
        }
    }

    /// Loads a package, in a thread that may block. It has its place until it is done,
    /// whether or not somebody still waits for it.
    fn load(
        &self,
        state: &State,
        package: &Arc<Installed>,
    ) -> impl Future<Output = Result<Tool, NotLoaded>> + use<> {
        let (places, loading, package) =
            (Arc::clone(&self.loading), state.loading.clone(), Arc::clone(package));
        async move {
            let place = places.acquire_owned().await;
            let load = move || {
                let _place = place;
                loading.load(&package)
            };
            spawn_blocking(load).await.unwrap_or_else(|error| Err(NotLoaded::lost(&error)))
        }
    }

    /// Whether the files are still those that this was read from.
    fn is_current(&self, state: &State) -> bool {
        state.stamps == Stamps::now(&self.source.home)
    }

    /// Has the files read again where a package is left out: it may be mended since,
    /// and no other file tells.
    fn doubt_what_is_left_out(&self) {
        let mut now = self.now.write().unwrap_or_else(PoisonError::into_inner);
        if now.state.catalog.left_out(None).next().is_some() {
            now.stamps = None;
        }
    }

    /// What is served by the files as they are.
    async fn up_to_date(self: &Arc<Self>) -> Now {
        let now = self.now();
        if now.stamps == Some(Stamps::now(&self.source.home)) {
            return now;
        }
        self.look_again().await
    }

    async fn look_again(self: &Arc<Self>) -> Now {
        let _looking = self.looking.lock().await;
        let now = self.now();
        let stamps = Stamps::now(&self.source.home);
        if now.stamps == Some(stamps) {
            // Whoever looked meanwhile has it.
            return now;
        }
        let (inner, before) = (Arc::clone(self), Arc::clone(&now.state));
        let read = spawn_blocking(move || State::read(&inner.source, stamps, Some(&before))).await;
        let read = read.unwrap_or_else(|error| {
            Err(Failure::host("looking for the installed packages failed").because(error))
        });
        let next = match read {
            Ok(state) => Now { state: Arc::new(state), trouble: None, stamps: Some(stamps) },
            Err(failure) => {
                if now.trouble.as_ref() != Some(&failure) {
                    self.source.news.warn(&failure);
                }
                // Tried again: it need not be the files that were at fault.
                Now { trouble: Some(failure), stamps: None, ..now }
            }
        };
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = next.clone();
        self.generation.send_if_modified(|generation| {
            let new = next.state.catalog.listing.generation();
            std::mem::replace(generation, new) != new
        });
        next
    }
}

impl State {
    /// Reads the files that `stamps` are of.
    fn read(source: &Source, stamps: Stamps, before: Option<&Self>) -> Outcome<Self> {
        let Source { home, chosen, bounds, host, news } = source;
        let store = Store::of(home);
        let same_trust = before.filter(|before| before.stamps.trust == stamps.trust);
        let keyring = match same_trust {
            Some(before) => Arc::clone(&before.loading.keyring),
            None => Arc::new(trust::keyring(home)?),
        };
        // Anew with the trust: what is no longer described does not stay for ever.
        let known = same_trust.map(|before| before.descriptions.clone());
        let descriptions = known.unwrap_or_else(|| descriptions::new(home));
        let look = Look { descriptions: &descriptions, chosen, store: &store, keyring: &keyring };
        let catalog = Catalog::of(store.list()?, &look, same_trust.map(|before| &before.catalog))?;
        let catalog = match before {
            Some(before) => catalog.after(&before.catalog),
            None => catalog,
        };
        for failure in catalog.left_out(before.map(|before| &before.catalog)) {
            news.warn(failure);
        }
        let shelf = match same_trust {
            Some(before) => before.shelf.with(|digest| catalog.has_unchanged(digest, &before.catalog)),
            None => Shelf::new(Tool::code_bytes, MAX_WEIGHT),
        };
        let host = host.with_keyring(Arc::clone(&keyring));
        let loading = Loading { home: home.clone(), host, keyring, bounds: bounds.clone() };
        Ok(Self { catalog, descriptions, loading, shelf, told: SyncMutex::default(), stamps })
    }
}

//! The gate that every effect passes: nothing of a call acts outside its
//! sandbox before the intent of the call is durable.
//!
//! An effect is what is there when the sandbox is gone: a file that was made,
//! changed or removed, a request that was sent, progress that somebody was told
//! of. Reading, clocks, randomness, the environment and the tool's own log are
//! none: what a tool learns from them leaves with its output, or by an effect.
//!
//! [`Durable`] is the proof that the intent is durable, and [`Effects::durable`]
//! is its only maker. What can act is kept [`Behind`] the proof, so a host
//! function that forgets to wait does not compile.

use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};
use mpp_audit::LogError;
use mpp_policy::{Grant, Permission};

/// Proof that the intent of the call is durable.
pub(crate) struct Durable(());

/// Something that can act outside the sandbox, out of reach without the proof.
pub(crate) struct Behind<T>(T);

impl<T> Behind<T> {
    pub(crate) fn the_gate(acting: T) -> Self {
        Self(acting)
    }

    pub(crate) fn get(&self, _: &Durable) -> &T {
        &self.0
    }

    pub(crate) fn get_mut(&mut self, _: &Durable) -> &mut T {
        &mut self.0
    }
}

/// The intent of the call is not durable, so it does not act. Ends the guest,
/// and is found again by [`crate::guest`].
#[derive(Clone, Debug, thiserror::Error)]
#[error("the call could not be put on record, so nothing acts for it: {0}")]
pub(crate) struct NotOnRecord(Arc<str>);

/// The intent of a call on its way to the disk; ready when it is there.
type OnItsWay = BoxFuture<'static, Result<(), LogError>>;

/// The gate of one call.
pub(crate) struct Effects {
    /// Sends the intent of the call on its way.
    send: Box<dyn Fn() -> OnItsWay + Send + Sync>,
    /// There once the intent was sent. Until then it may share the commit of the
    /// outcome.
    sent: Option<OnItsWay>,
    /// How that ended. For good: a record that was lost once stays lost.
    settled: Option<Result<(), NotOnRecord>>,
}

impl Effects {
    /// The gate of a call whose intent is on its way to the disk when `send` returns.
    pub(crate) fn after(send: impl Fn() -> OnItsWay + Send + Sync + 'static) -> Self {
        Self { send: Box::new(send), sent: None, settled: None }
    }

    /// The gate of a guest that is only asked to describe itself: that is no
    /// call, so there is no intent of it.
    pub(crate) fn never() -> Self {
        Self::after(|| {
            std::future::ready(Err(LogError::Poisoned { cause: "a description has no record".into() }))
                .boxed()
        })
    }

    /// Begins to make the intent durable, so that the first effect finds it so or
    /// nearly.
    pub(crate) fn begin(&mut self) -> &mut OnItsWay {
        self.sent.get_or_insert_with(&self.send)
    }

    /// Waits until the intent is durable.
    ///
    /// # Errors
    ///
    /// [`NotOnRecord`], whenever it is asked again, too. It stops the guest.
    pub(crate) async fn durable(&mut self) -> wasmtime::Result<Durable> {
        let settled = match &self.settled {
            Some(settled) => settled.clone(),
            None => {
                let on_disk = self.begin().await;
                let settled = on_disk.map_err(|unavailable| NotOnRecord(unavailable.to_string().into()));
                self.settled.insert(settled).clone()
            }
        };
        settled?;
        Ok(Durable(()))
    }

    /// The proof, if it was waited for already: for what cannot wait itself,
    /// and is only reached after something that did.
    pub(crate) fn proof(&self) -> Option<Durable> {
        matches!(self.settled, Some(Ok(()))).then_some(Durable(()))
    }
}

/// Whether a call under this grant may act outside its sandbox. Progress is not
/// asked about: many callers would be told, and few tools tell, so that the first
/// report waits rather than that every call has a commit of its own.
pub(crate) fn possible_under(grant: &Grant) -> bool {
    Permission::ALL.iter().any(|permission| acts(*permission) && grant.allows(*permission))
}

fn acts(permission: Permission) -> bool {
    match permission {
        Permission::FilesystemWrite | Permission::NetworkOutbound => true,
        Permission::FilesystemRead | Permission::Env | Permission::Clock | Permission::Random => false,
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;
    use std::panic::AssertUnwindSafe;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    use tokio::sync::oneshot;

    use super::*;

    fn lost() -> LogError {
        LogError::Poisoned { cause: "the disk is gone".into() }
    }

    #[tokio::test]
    async fn the_proof_is_there_once_the_intent_is_durable_and_not_before() {
        let (written, on_disk) = oneshot::channel::<()>();
        let on_disk = Mutex::new(Some(on_disk));
        let mut effects = Effects::after(move || {
            let on_disk = on_disk.lock().unwrap().take().unwrap();
            on_disk.map(|written| written.map_err(|_| lost())).boxed()
        });
        effects.begin();
        assert!(effects.proof().is_none());
        assert!(effects.durable().now_or_never().is_none());
        assert!(effects.proof().is_none());
        written.send(()).unwrap();
        effects.durable().await.unwrap();
        assert!(effects.proof().is_some());
    }

    #[tokio::test]
    async fn a_record_that_was_lost_is_lost_for_the_whole_call() {
        let tries = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&tries);
        let mut effects = Effects::after(move || {
            counted.fetch_add(1, Ordering::SeqCst);
            ready(Err(lost())).boxed()
        });
        for _ in 0..2 {
            let withheld = effects.durable().await.err().unwrap();
            let NotOnRecord(why) = withheld.downcast_ref::<NotOnRecord>().unwrap();
            assert_eq!(**why, *lost().to_string());
            assert!(effects.proof().is_none());
        }
        assert_eq!(tries.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_log_that_panics_proves_nothing() {
        let mut effects = Effects::after(|| async { panic!("on purpose") }.boxed());
        assert!(AssertUnwindSafe(effects.durable()).catch_unwind().await.is_err());
        assert!(effects.proof().is_none());
    }

    #[test]
    fn what_never_acts_costs_no_commit_of_its_own() {
        let asked = Arc::new(AtomicBool::new(false));
        let intent = Arc::clone(&asked);
        let effects = Effects::after(move || {
            intent.store(true, Ordering::SeqCst);
            ready(Ok(())).boxed()
        });
        assert!(effects.proof().is_none());
        drop(effects);
        assert!(!asked.load(Ordering::SeqCst));
    }

    #[tokio::test]
    async fn a_guest_that_is_not_called_never_acts() {
        let withheld = Effects::never().durable().await.err().unwrap();
        assert!(withheld.is::<NotOnRecord>());
    }
}

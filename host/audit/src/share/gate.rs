//! Who is using the log of this process, and how it is let go of.
//!
//! Whatever goes on record holds a [`Use`]: a call from its beginning to its end, an event until
//! it is durable. While the log is being let go of nobody gets a new one, and once there is none
//! left, nobody else has the log in hand: closing it there releases its lock for certain.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::limits::GIVE_WAY;
use crate::Log;

/// The log of this process, as long as it has one.
#[derive(Debug)]
pub(super) struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    /// Taken when the log is let go of.
    log: Option<Arc<Log>>,
    /// For what this process puts on record.
    ours: usize,
    /// For what others put on record.
    theirs: usize,
    /// How many want it to be let go of: one that needs it for itself, and the end of this process.
    closing: usize,
    /// When it was last not let go of after all.
    stayed: Option<Instant>,
}

impl State {
    fn count(&mut self, whose: Whose) -> &mut usize {
        match whose {
            Whose::Ours => &mut self.ours,
            Whose::Theirs => &mut self.theirs,
        }
    }
}

/// Whose record it is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Whose {
    /// This process's.
    Ours,
    /// That of one that is served.
    Theirs,
}

/// What came of an attempt to use the log.
#[derive(Debug)]
pub(super) enum Entered {
    /// It can be used.
    In(Use),
    /// It is being let go of.
    NotNow,
    /// It is not here any more.
    Gone,
}

impl Gate {
    pub(super) fn new(log: Log) -> Arc<Self> {
        let state = State { log: Some(Arc::new(log)), ours: 0, theirs: 0, closing: 0, stayed: None };
        Arc::new(Self { state: Mutex::new(state), changed: Condvar::new() })
    }

    /// Asks the log something that takes a moment only, if it is here.
    pub(super) fn ask<T>(&self, question: impl FnOnce(&Log) -> T) -> Option<T> {
        self.lock().log.as_deref().map(question)
    }

    /// Whether the log can be used at once.
    pub(super) fn is_open(&self) -> bool {
        let state = self.lock();
        state.closing == 0 && state.log.is_some()
    }

    /// Uses the log, unless it is being let go of.
    pub(super) fn enter(self: &Arc<Self>, whose: Whose) -> Entered {
        let mut state = self.lock();
        match &state.log {
            None => Entered::Gone,
            Some(_) if state.closing > 0 => Entered::NotNow,
            Some(log) => {
                let log = Arc::clone(log);
                *state.count(whose) += 1;
                Entered::In(Use { log, counted: Counted { gate: Arc::clone(self), whose } })
            }
        }
    }

    /// As [`enter`](Self::enter), but waits so long where it is being let go of.
    pub(super) fn enter_before(self: &Arc<Self>, deadline: Instant, whose: Whose) -> Entered {
        loop {
            let entered = self.enter(whose);
            let rest = deadline.saturating_duration_since(Instant::now());
            if rest.is_zero() || !matches!(entered, Entered::NotNow) {
                return entered;
            }
            self.wait(rest, |state| state.closing == 0 || state.log.is_none());
        }
    }

    /// From here on nobody gets to use the log, until the value is dropped.
    pub(super) fn close(self: &Arc<Self>) -> Closing {
        self.lock().closing += 1;
        Closing(Arc::clone(self))
    }

    /// As [`close`](Self::close), but one at a time, and only after what waited for the last one
    /// to give up had time to begin: askers that take turns would keep it waiting for ever.
    pub(super) fn close_in_turn(self: &Arc<Self>, now: Instant) -> Option<Closing> {
        let mut state = self.lock();
        let waits = |stayed| now.saturating_duration_since(stayed) < GIVE_WAY;
        if state.closing > 0 || state.stayed.is_some_and(waits) {
            return None;
        }
        state.closing += 1;
        Some(Closing(Arc::clone(self)))
    }

    /// Waits until this holds, and so long at most. Says whether it does.
    fn wait(&self, most: Duration, holds: impl Fn(&State) -> bool) -> bool {
        let state = self.lock();
        let waited = self.changed.wait_timeout_while(state, most, |state| !holds(state));
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        holds(&state)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Numbers and a log: a panic leaves none of them half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The log is being let go of. Dropped, it is not.
#[derive(Debug)]
pub(super) struct Closing(Arc<Gate>);

impl Closing {
    /// Waits until nobody uses the log, and so long at most.
    pub(super) fn wait_for_all(&self, most: Duration) -> bool {
        self.0.wait(most, |state| state.ours + state.theirs == 0)
    }

    /// Waits until no other process uses the log, and so long at most.
    pub(super) fn wait_for_theirs(&self, most: Duration) -> bool {
        self.0.wait(most, |state| state.theirs == 0)
    }

    /// Takes the log. It is closed when who uses it is done, and `None` if it was taken before.
    pub(super) fn take(&self) -> Option<Arc<Log>> {
        let log = self.0.lock().log.take();
        self.0.changed.notify_all();
        log
    }
}

impl Drop for Closing {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.closing -= 1;
        state.stayed = Some(Instant::now());
        drop(state);
        self.0.changed.notify_all();
    }
}

/// The log, in use.
#[derive(Debug)]
pub(super) struct Use {
    // Dropped first: who finds that nobody uses the log has it alone.
    log: Arc<Log>,
    counted: Counted,
}

impl Use {
    pub(super) fn log(&self) -> &Arc<Log> {
        &self.log
    }

    /// Another use, for who has one already: also while the log is being let go of.
    pub(super) fn again(&self) -> Self {
        let Counted { gate, whose } = &self.counted;
        *gate.lock().count(*whose) += 1;
        Self { log: Arc::clone(&self.log), counted: Counted { gate: Arc::clone(gate), whose: *whose } }
    }
}

#[derive(Debug)]
struct Counted {
    gate: Arc<Gate>,
    whose: Whose,
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut state = self.gate.lock();
        *state.count(self.whose) -= 1;
        // Nobody else waits for that; and it is done for every call.
        if state.closing > 0 {
            self.gate.changed.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemClock;

    fn gate() -> (tempfile::TempDir, Arc<Gate>) {
        let home = tempfile::tempdir().expect("a directory");
        let log = Log::open(home.path(), SystemClock).expect("the log opens");
        (home, Gate::new(log))
    }

    fn enter(gate: &Arc<Gate>) -> Use {
        match gate.enter(Whose::Ours) {
            Entered::In(used) => used,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn nobody_begins_to_use_a_log_that_is_being_let_go_of() {
        let (_home, gate) = gate();
        let closing = gate.close();
        assert!(!gate.is_open());
        assert!(matches!(gate.enter(Whose::Ours), Entered::NotNow));
        assert!(matches!(gate.enter_before(Instant::now(), Whose::Theirs), Entered::NotNow));
        drop(closing);
        assert!(gate.is_open());
        drop(enter(&gate));
    }

    #[test]
    fn of_two_that_need_the_log_one_is_refused_and_what_waits_begins_before_its_turn() {
        let (_home, gate) = gate();
        let before = Instant::now();
        let closing = gate.close_in_turn(before).expect("nobody else needs it");
        assert!(gate.close_in_turn(before).is_none(), "one at a time");
        drop(closing);
        assert!(gate.is_open());
        assert!(gate.close_in_turn(before).is_none(), "not at once");
        drop(enter(&gate));
        let closing = gate.close_in_turn(Instant::now() + GIVE_WAY).expect("it is its turn");
        drop((gate.close(), closing));
    }

    #[test]
    fn who_uses_the_log_is_waited_for_and_may_use_it_again_meanwhile() {
        let (_home, gate) = gate();
        let used = enter(&gate);
        let closing = gate.close();
        assert!(closing.wait_for_theirs(Duration::ZERO), "it is ours");
        let again = used.again();
        drop(used);
        assert!(!closing.wait_for_all(Duration::ZERO));
        drop(again);
        assert!(closing.wait_for_all(Duration::ZERO));
    }

    #[test]
    fn a_log_that_is_taken_is_gone_and_its_lock_is_released_with_it() {
        let (home, gate) = gate();
        let closing = gate.close();
        assert!(closing.wait_for_all(Duration::ZERO));
        let log = closing.take();
        assert!(matches!(gate.enter(Whose::Ours), Entered::Gone));
        assert!(gate.ask(Log::head).is_none() && closing.take().is_none());
        drop(log);
        Log::open(home.path(), SystemClock).expect("nobody has it");
    }

    #[test]
    fn who_waits_to_use_a_log_gets_in_when_it_stays() {
        let (_home, gate) = gate();
        let closing = gate.close();
        let later = Instant::now() + Duration::from_secs(60);
        std::thread::scope(|scope| {
            let waits = scope.spawn(|| gate.enter_before(later, Whose::Ours));
            drop(closing);
            assert!(matches!(waits.join().expect("it does not panic"), Entered::In(_)));
        });
    }
}

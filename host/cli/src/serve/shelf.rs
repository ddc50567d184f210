//! What is loaded: on its first use, once however many ask at a time, and no
//! longer than it is used.
//!
//! The least used goes first when all together is heavier than [`MAX_WEIGHT`].
//! Whoever uses it meanwhile keeps it until they are done.

use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::OnceCell;

/// Bytes of compiled code that are kept: some hundred tools of usual size. What is
/// not among them is loaded again in some milliseconds.
pub(super) const MAX_WEIGHT: usize = 256 << 20;

/// How long a package counts as verified. Then it is read and judged again: a
/// release may have come to its end, or its publisher's word of it.
pub(super) const VERIFIED_FOR: Duration = Duration::from_secs(10 * 60);

/// Things that are loaded, by what names them.
#[derive(Debug)]
pub(super) struct Shelf<K, T> {
    slots: Mutex<HashMap<K, Arc<Slot<T>>>>,
    /// Counts uses, so that they have an order.
    uses: AtomicU64,
    weight: fn(&T) -> usize,
    most: usize,
}

#[derive(Debug)]
struct Slot<T> {
    loaded: OnceCell<(T, Instant)>,
    /// The number of its last use.
    used: AtomicU64,
}

impl<K: Clone + Eq + Hash, T: Clone> Shelf<K, T> {
    /// An empty one, for things that weigh `weight`, `most` bytes of them.
    pub(super) fn new(weight: fn(&T) -> usize, most: usize) -> Self {
        Self { slots: Mutex::default(), uses: AtomicU64::new(0), weight, most }
    }

    /// Another one with those of the things that are still to be there.
    pub(super) fn with(&self, still: impl Fn(&K) -> bool) -> Self {
        let mut slots = self.slots().clone();
        slots.retain(|key, _| still(key));
        Self {
            slots: Mutex::new(slots),
            uses: AtomicU64::new(self.uses.load(Ordering::Relaxed)),
            weight: self.weight,
            most: self.most,
        }
    }

    /// The thing, if it is loaded and may be used.
    pub(super) fn loaded(&self, key: &K) -> Option<T> {
        let slots = self.slots();
        let slot = slots.get(key).filter(|slot| slot.counts())?;
        slot.used.store(self.uses.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        slot.loaded.get().map(|(thing, _)| thing.clone())
    }

    /// The thing, which is loaded if it is not there. A failure is for whoever asked;
    /// the next one tries again.
    pub(super) async fn get<E>(&self, key: &K, load: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let slot = self.slot(key);
        if let Some((thing, _)) = slot.loaded.get() {
            return Ok(thing.clone());
        }
        let loaded = slot.loaded.get_or_try_init(async || Ok((load.await?, Instant::now()))).await?;
        self.make_room(key);
        Ok(loaded.0.clone())
    }

    fn slot(&self, key: &K) -> Arc<Slot<T>> {
        let now = self.uses.fetch_add(1, Ordering::Relaxed);
        let mut slots = self.slots();
        if let Some(slot) = slots.get(key).filter(|slot| slot.counts()) {
            slot.used.store(now, Ordering::Relaxed);
            return Arc::clone(slot);
        }
        let slot = Arc::new(Slot { loaded: OnceCell::new(), used: AtomicU64::new(now) });
        slots.insert(key.clone(), Arc::clone(&slot));
        slot
    }

    /// Lets the least used go, but not `key`, which was just loaded.
    fn make_room(&self, key: &K) {
        let mut slots = self.slots();
        let mut all: usize = slots.values().map(|slot| slot.weight(self.weight)).sum();
        while all > self.most {
            let others = slots.iter().filter(|(other, slot)| *other != key && slot.loaded.initialized());
            let least = others.min_by_key(|(_, slot)| slot.used.load(Ordering::Relaxed));
            let Some(least) = least.map(|(other, _)| other.clone()) else { return };
            all -= slots.remove(&least).map_or(0, |slot| slot.weight(self.weight));
        }
    }

    fn slots(&self) -> MutexGuard<'_, HashMap<K, Arc<Slot<T>>>> {
        // Each change of it is a single one.
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Slot<T> {
    /// Whether what is loaded here, or on its way, may be used.
    fn counts(&self) -> bool {
        self.loaded.get().is_none_or(|(_, since)| since.elapsed() < VERIFIED_FOR)
    }

    fn weight(&self, weight: fn(&T) -> usize) -> usize {
        self.loaded.get().map_or(0, |(thing, _)| weight(thing))
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    /// Texts that weigh what they say.
    fn shelf(most: usize) -> Shelf<&'static str, usize> {
        Shelf::new(|weight| *weight, most)
    }

    async fn get(shelf: &Shelf<&'static str, usize>, key: &'static str, weight: usize) -> bool {
        let mut loaded = false;
        let load = async {
            loaded = true;
            Ok::<_, Infallible>(weight)
        };
        shelf.get(&key, load).await.unwrap();
        loaded
    }

    #[tokio::test]
    async fn what_is_there_is_not_loaded_again() {
        let shelf = shelf(10);
        assert!(get(&shelf, "one", 1).await);
        assert!(!get(&shelf, "one", 1).await);
    }

    #[tokio::test]
    async fn the_least_used_goes_when_there_is_no_room() {
        let shelf = shelf(10);
        assert!(get(&shelf, "one", 4).await);
        assert!(get(&shelf, "two", 4).await);
        assert!(!get(&shelf, "one", 4).await);
        assert!(get(&shelf, "three", 4).await);
        assert!(!get(&shelf, "one", 4).await);
        assert!(!get(&shelf, "three", 4).await);
        assert!(get(&shelf, "two", 4).await);
    }

    #[tokio::test]
    async fn one_thing_that_is_too_heavy_is_served_all_the_same() {
        let shelf = shelf(10);
        assert!(get(&shelf, "one", 4).await);
        assert!(get(&shelf, "huge", 100).await);
        assert!(!get(&shelf, "huge", 100).await);
        assert!(get(&shelf, "one", 4).await);
        assert!(get(&shelf, "huge", 100).await);
    }

    #[tokio::test]
    async fn a_failure_is_not_kept() {
        let shelf = shelf(10);
        assert_eq!(shelf.get(&"one", async { Err("no") }).await, Err("no"));
        assert!(get(&shelf, "one", 1).await);
    }

    #[tokio::test]
    async fn many_who_ask_at_a_time_load_once() {
        let shelf = Arc::new(shelf(10));
        let loads = Arc::new(AtomicU64::new(0));
        let asking = (0..32).map(|_| {
            let (shelf, loads) = (Arc::clone(&shelf), Arc::clone(&loads));
            tokio::spawn(async move {
                let load = async {
                    loads.fetch_add(1, Ordering::Relaxed);
                    tokio::task::yield_now().await;
                    Ok::<_, Infallible>(1)
                };
                shelf.get(&"one", load).await
            })
        });
        for asked in asking.collect::<Vec<_>>() {
            assert_eq!(asked.await.unwrap(), Ok(1));
        }
        assert_eq!(loads.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_new_shelf_has_what_is_still_to_be_there() {
        let old = shelf(10);
        get(&old, "stays", 1).await;
        get(&old, "goes", 1).await;
        let new = old.with(|key| *key == "stays");
        assert!(!get(&new, "stays", 1).await);
        assert!(get(&new, "goes", 1).await);
    }
}

//! Long reads: they leave their slot to others, and take turns among themselves.
//!
//! So however many queries run for as long as they may, a short one waits for short ones only.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::OwnedSemaphorePermit;

use super::limit::LONGEST;

/// The places for long reads.
#[derive(Default)]
pub(super) struct LongReads {
    state: Mutex<State>,
    left: Condvar,
}

#[derive(Default)]
struct State {
    running: usize,
    waiting: usize,
}

/// How many long reads run at the same time.
const MOST_RUNNING: usize = 4;
/// How many wait, each with its thread and its connection; further ones end.
const MOST_WAITING: usize = 16;
/// How long reads may take.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// After how many looks a read is long. Between two looks is work of the read itself, however busy the machine is.
    pub short: u32,
    /// How long it may take in all.
    pub longest: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        // So many looks are about half a second.
        Self { short: 5_000, longest: LONGEST }
    }
}

/// Watches over one read.
pub(super) struct Watch {
    deadline: Instant,
    looks: u32,
    short: u32,
    /// The slot among all reads, until the read is long.
    slot: Option<OwnedSemaphorePermit>,
    long: Arc<LongReads>,
    /// The place among the long ones.
    place: Option<Place>,
}

/// A place among the running long reads.
struct Place(Arc<LongReads>);

impl Watch {
    /// Begins with a read that has a slot.
    pub fn over(slot: OwnedSemaphorePermit, long: Arc<LongReads>, limits: Limits) -> Self {
        let deadline = Instant::now() + limits.longest;
        Self { deadline, looks: 0, short: limits.short, slot: Some(slot), long, place: None }
    }

    /// Looks at the read. Returns whether it has to end.
    pub fn look(&mut self) -> bool {
        self.looks = self.looks.saturating_add(1);
        if self.looks > self.short && self.slot.take().is_some() {
            self.place = Place::take(&self.long, self.deadline);
            if self.place.is_none() {
                return true;
            }
        }
        Instant::now() > self.deadline
    }
}

impl Place {
    /// Waits for a place. `None` where none is free before the deadline, or too many wait already.
    fn take(long: &Arc<LongReads>, deadline: Instant) -> Option<Self> {
        let mut state = long.lock();
        if state.running >= MOST_RUNNING {
            if state.waiting >= MOST_WAITING {
                return None;
            }
            state.waiting += 1;
            while state.running >= MOST_RUNNING {
                let left = deadline.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    state.waiting -= 1;
                    return None;
                }
                (state, _) = long.left.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner);
            }
            state.waiting -= 1;
        }
        state.running += 1;
        Some(Self(Arc::clone(long)))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.lock().running -= 1;
        self.0.left.notify_one();
    }
}

impl LongReads {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! Work shared among threads of our own.
//!
//! A fact is computed under a lock. A thread of a pool that waits there would begin another piece of work on top of the first, and
//! wait for itself; one of our own only waits.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What `work` makes of each item, in their order, with so many threads at it.
pub fn each<T: Sync, R: Send>(items: &[T], threads: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let made = Mutex::new(Vec::with_capacity(items.len()));
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, items.len().max(1)) {
            scope.spawn(|| {
                let places = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
                for (place, item) in places.map_while(|place| Some((place, items.get(place)?))) {
                    let one = work(item);
                    if let Ok(mut made) = made.lock() {
                        made.push((place, one));
                    }
                }
            });
        }
    });
    let mut made = made.into_inner().unwrap_or_default();
    made.sort_unstable_by_key(|(place, _)| *place);
    made.into_iter().map(|(_, one)| one).collect()
}

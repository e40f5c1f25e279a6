//! Turns verdicts and awards into what people act on: who narrowly misses a measure, which measures an enterprise is on, the funnel.
//!
//! Never does: decide, settle, or write a file.

mod funnel;
mod matches;
mod near_misses;

pub use funnel::{Funnel, Step, funnel};
pub use matches::{Match, matches};
pub use near_misses::{NearMiss, NearMisses, near_misses};

//! Turns verdicts and awards into what people act on: who narrowly misses a measure, which measures an enterprise is on, the funnel.
//!
//! Never does: decide, settle, or write a file.

mod near_misses;

pub use near_misses::{NearMiss, near_misses};

//! Explanations, near misses and matches against the run they speak of, over generated and hand-written deliveries.

mod amounts;
#[path = "../support/copy.rs"]
mod copy;
mod near_misses;
mod refused;
mod same_as_run;
mod setup;
mod words;

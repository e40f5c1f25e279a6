//! Explanations, near misses and matches against the run they speak of, over generated and hand-written deliveries.

mod amounts;
mod near_misses;
mod same_as_run;
mod setup;
mod words;

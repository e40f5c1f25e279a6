//! Turns a plan, a size and a seed into a data folder: one CSV file per source, one line per row.
//!
//! The same arguments give the same bytes on every machine and with any number of threads. Two floors: `plan` reads
//! and checks the pipeline's folder `generate/`, [`load`] being its door; `make` works out rows and writes them, and
//! its door is [`generate()`]. Never does: read data, read the clock, or know a source.

mod make;
mod plan;

pub use make::generate;
pub use make::report::{GenerateError, Report, Written};
pub use plan::load;
pub use plan::model::Plan;

//! Turns a pipeline folder into a checked, typed [`Pipeline`](model::Pipeline), or into diagnostics: never both.
//!
//! Each kind of file is read key by key ([`toml`]), then resolved and typed against all the others. All mistakes of
//! all files are reported at once. Never does: read data, or know what any measure says.

mod articles;
mod bands;
mod cases;
pub mod catalogue;
pub mod conditions;
mod forms;
mod grid;
pub mod indicator;
mod indicators;
mod json_schema;
mod load;
mod measures;
pub mod model;
pub mod near;
mod overlay;
mod parameters;
pub mod reach;
mod roles;
mod settlement;
mod sources;
pub mod toml;
pub mod words;

pub use grid::{Grid, GridError};
pub use json_schema::schemas;
pub use load::{Broken, enterprise, load};
pub use overlay::{Overlay, OverlayError};

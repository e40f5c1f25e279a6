//! Turns checked tables into facts: values per row of a source, or one for the run, each computed once when first asked for.
//!
//! [`World`] is what every later stage reads: tables, codes, parameters, facts, lists. [`Rows`] evaluates
//! expressions over the rows of one source. The enterprise view is the rows of registrations with their facts.
//! Never does: decide a measure, or write anything.

mod groups;
mod ints;
mod related;
mod rows;
mod slots;
mod view;
mod world;

pub use groups::Groups;
pub use ints::ints_column;
pub use related::Matches;
pub use rows::Rows;
pub use view::View;
pub use world::{List, World};

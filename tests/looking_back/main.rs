//! delta.csv, payments.csv and `huiqi diff`, over runs of the fixtures in which one thing was changed.

#[path = "../support/copy.rs"]
mod copy;
mod delta;
mod nights;
mod payments;
mod setup;
mod years;

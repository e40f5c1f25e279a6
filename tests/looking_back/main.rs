//! delta.csv, payments.csv and `huiqi diff`, over runs of the fixtures in which one thing was changed.

mod delta;
mod nights;
mod payments;
mod setup;
mod years;

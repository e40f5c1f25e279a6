//! Deliveries as offices really send them (`fixtures/field`), and nights of them one after another.

mod asked;
#[path = "../support/copy.rs"]
mod copy;
mod house;
mod nights;
mod read;
mod whole;

//! Deliveries as offices really send them (`fixtures/field`), and nights of them one after another.

#[path = "../support/copy.rs"]
mod copy;
mod house;
mod nights;
mod whole;

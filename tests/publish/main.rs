//! Publishing at its boundary: bytes of a CSV, the lock, stops between any two acts on the disk, and every way in which a
//! published run can be wrong.

mod csv;
mod house;
mod manifest;
mod signals;
mod stops;
mod tables;
mod tampered;

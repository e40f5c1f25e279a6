//! The text of a cell.
#![no_main]

#[path = "../../tests/support/mod.rs"]
mod support;
#[path = "../../tests/fuzz/values.rs"]
mod values;

libfuzzer_sys::fuzz_target!(|data: &[u8]| values::check(&String::from_utf8_lossy(data)));

//! The bytes of a delivered file.
#![no_main]

#[path = "../../tests/fuzz/reader.rs"]
mod reader;
#[path = "../../tests/support/mod.rs"]
mod support;

thread_local!(static READER: reader::Reader = reader::Reader::new());

libfuzzer_sys::fuzz_target!(|data: &[u8]| READER.with(|reader| reader.check(data)));

//! The bytes of a delivered file.
#![no_main]

#[path = "../../tests/fuzz/reader.rs"]
mod reader;
#[path = "../../tests/support/mod.rs"]
mod support;

thread_local!(static READER: reader::Reader = {
    // Readers of workbooks that are not ours panic on some damaged files; that is caught, and refuses the file. Only what
    // reaches the fuzzer is a finding.
    std::panic::set_hook(Box::new(|_| ()));
    reader::Reader::new()
});

libfuzzer_sys::fuzz_target!(|data: &[u8]| READER.with(|reader| reader.check(data)));

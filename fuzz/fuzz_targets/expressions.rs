//! The text of an expression.
#![no_main]

#[path = "../../tests/fuzz/expressions.rs"]
mod expressions;

thread_local!(static EXPRESSIONS: expressions::Expressions = expressions::Expressions::new());

libfuzzer_sys::fuzz_target!(|data: &[u8]| EXPRESSIONS.with(|expressions| expressions.check(&String::from_utf8_lossy(data))));

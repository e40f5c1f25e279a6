//! What must hold whatever comes: one property per room that takes in foreign text, over seeds from the fixtures and the
//! shipped pipeline, edited at random.
//!
//! `cargo test --test fuzz` checks a fixed set of cases in seconds. `HUIQI_FUZZ_MINUTES=10 cargo test --test fuzz reader --
//! --nocapture` goes on with new ones for so many minutes and says how many there were.
//!
//! With a nightly compiler and cargo-fuzz the same properties run guided by coverage (folder `fuzz/`):
//! `HUIQI_FUZZ_SEEDS=fuzz/corpus cargo test --test fuzz seeds` writes the seeds, then
//! `cargo +nightly fuzz run --dev reader -- -max_total_time=600` (or `values`, `expressions`).

mod edits;
mod expressions;
mod found;
mod reader;
mod seeds;
#[path = "../support/mod.rs"]
mod support;
mod values;

use edits::{Edit, edit};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::time::{Duration, Instant};

/// Cases of one round.
const ROUND: u32 = 50;

#[test]
fn the_reader() {
    let (seeds, reader) = (seeds::files(), reader::Reader::new());
    drive("reader", 100, &seeds, &seeds::FILE_TOKENS, |bytes| reader.check(bytes));
}

#[test]
fn the_value_parsers() {
    let seeds: Vec<Vec<u8>> = seeds::cells().into_iter().map(String::into_bytes).collect();
    drive("values", 400, &seeds, &seeds::CELL_TOKENS, |bytes| values::check(&String::from_utf8_lossy(bytes)));
}

#[test]
fn the_expressions() {
    let expressions = expressions::Expressions::new();
    let seeds: Vec<Vec<u8>> = seeds::expressions().into_iter().map(String::into_bytes).collect();
    drive("expressions", 100, &seeds, &seeds::EXPRESSION_TOKENS, |bytes| expressions.check(&String::from_utf8_lossy(bytes)));
}

/// Checks every seed as it stands, then edited ones: so many, or for as many minutes as are asked for.
fn drive(name: &str, cases: u32, seeds: &[Vec<u8>], tokens: &[&str], check: impl Fn(&[u8])) {
    let minutes: Option<u64> = std::env::var("HUIQI_FUZZ_MINUTES").ok().map(|minutes| minutes.parse().expect("minutes"));
    let (started, fresh) = (Instant::now(), minutes.is_some());
    let mut done = 0;
    if !fresh {
        seeds.iter().for_each(|seed| check(seed));
    }
    while minutes.map_or(done < cases, |minutes| started.elapsed() < Duration::from_secs(minutes * 60)) {
        let mut seed = [0; 32];
        seed[..4].copy_from_slice(&done.to_le_bytes());
        if fresh {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a time").as_nanos();
            seed[8..24].copy_from_slice(&now.to_le_bytes());
        }
        let config = Config { cases: ROUND, failure_persistence: None, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
        let strategy = (0..seeds.len(), prop::collection::vec(any::<Edit>(), 0..8));
        let result = runner.run(&strategy, |(seed, edits)| {
            check(&edit(seeds, seed, &edits, tokens));
            Ok(())
        });
        if let Err(proptest::test_runner::TestError::Fail(reason, (seed, edits))) = &result {
            let bytes = edit(seeds, *seed, edits, tokens);
            panic!("{name}: {reason}\n{:?}\n{bytes:?}", String::from_utf8_lossy(&bytes));
        }
        result.expect("cases");
        done += ROUND;
    }
    let seconds = started.elapsed().as_secs_f64();
    println!("{name}: {done} cases in {seconds:.0} s, {:.0} per second, {} seeds", done as f64 / seconds, seeds.len());
}

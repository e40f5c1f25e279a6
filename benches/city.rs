//! The stages of a run over a generated city: `cargo bench --bench city`.
//!
//! `HUIQI_ENTERPRISES=300000` sets the size (default 20,000, about 270,000 rows). For the whole process at city size, with
//! wall, CPU and peak memory: `huiqi generate --enterprises 300000 --out /tmp/city` and then
//! `/usr/bin/time -v huiqi run --data /tmp/city --out /tmp/city-out`; the phases stand in the run's manifest.json.

mod setup;

use divan::Bencher;
use divan::counter::ItemsCount;
use huiqi::facts::World;
use huiqi::{ledger, period, settlement, sources};
use setup::{City, city};

fn main() {
    divan::main();
}

fn read(city: &City) -> sources::CheckedTables {
    sources::read(&city.pipeline.sources, &city.data, &city.tables, &huiqi::schema::all(&city.pipeline.sources)).expect("tables")
}

/// Files to checked tables, every check on.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn reading(bencher: Bencher) {
    let city = city();
    bencher.bench(|| read(city));
}

/// Tables to verdicts of every measure, with their reasons: pairs of a judged row and a measure. Of one core with
/// `RAYON_NUM_THREADS=1 POLARS_MAX_THREADS=1 HUIQI_THREADS=1`.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn deciding(bencher: Bencher) {
    let (city, tables) = (city(), read(city()));
    let pairs = verdicts(&world(city, &tables));
    bencher.counter(ItemsCount::new(pairs)).bench(|| verdicts(&world(city, &tables)));
}

/// Tables to ledger lines of every measure.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn deciding_settling_and_ledger(bencher: Bencher) {
    let (city, tables) = (city(), read(city()));
    bencher.bench(|| {
        let world = world(city, &tables);
        let all: Vec<_> = city.pipeline.measures.keys().collect();
        let Ok(settled) = settlement::settle(&world, &all, 2) else { panic!("no awards") };
        settled.iter().map(|s| ledger::lines(&world, s).map_or(0, |l| l.lines.len())).sum::<usize>()
    });
}

fn world<'a>(city: &'a City, tables: &'a sources::CheckedTables) -> World<'a> {
    World::new(&city.pipeline, tables, period::parse_iso_date(b"2022-12-31").expect("a day"))
}

fn verdicts(world: &World<'_>) -> usize {
    let all: Vec<_> = world.pipeline.measures.keys().collect();
    let threads = std::env::var("HUIQI_THREADS").ok().and_then(|n| n.parse().ok()).unwrap_or(2);
    match settlement::settle(world, &all, threads) {
        Ok(settled) => settled.iter().map(|s| s.decided.verdicts.len()).sum(),
        Err(_) => panic!("no verdicts"),
    }
}

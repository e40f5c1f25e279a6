//! Pipelines, deliveries and runs that live as long as the test.

use huiqi::facts::World;
use huiqi::generate;
use huiqi::policy::model::{Pipeline, Setting};
use huiqi::policy::{Overlay, load};
use huiqi::settlement::Settled;
use huiqi::sources::{self, CheckedTables};
use huiqi::sql::ir::MeasureId;
use huiqi::{period, settlement};
use std::path::Path;
use std::sync::OnceLock;

pub const PIPELINE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/pipelines/xinzhou-2022");

/// A pipeline and checked tables.
pub struct Inputs {
    pub pipeline: Pipeline,
    pub tables: CheckedTables,
    pub as_of: i32,
}

impl Inputs {
    pub fn world(&self) -> World<'_> {
        World::new(&self.pipeline, &self.tables, self.as_of)
    }

    pub fn measure(&self, id: &str) -> MeasureId {
        self.pipeline.measure(id).unwrap_or_else(|| panic!("no measure {id}"))
    }
}

/// 600 generated enterprises with every parameter set.
pub fn generated() -> &'static Inputs {
    static INPUTS: OnceLock<Inputs> = OnceLock::new();
    INPUTS.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let mut pipeline = pipeline();
        let plan = generate::load(Path::new(PIPELINE), &pipeline).map_err(|_| "the plan is broken").unwrap();
        generate::generate(&pipeline, &plan, 600, 7, folder.path(), None).unwrap();
        all_set(&pipeline).apply(&mut pipeline).unwrap();
        let tables = read(&pipeline, folder.path());
        Inputs { pipeline, tables, as_of: day("2022-12-31") }
    })
}

/// A delivery of these tables: (source, CSV text).
pub fn delivered(files: &[(&str, &str)], as_of: &str) -> Inputs {
    let folder = tempfile::tempdir().unwrap();
    for (source, text) in files {
        std::fs::write(folder.path().join(format!("{source}.csv")), text).unwrap();
    }
    let pipeline = pipeline();
    let tables = read(&pipeline, folder.path());
    let refused: Vec<String> = tables.rejects.iter().map(|r| format!("{} {} {}", r.file, r.column, r.reason)).collect();
    assert!(refused.is_empty(), "{refused:?}");
    Inputs { pipeline, tables, as_of: day(as_of) }
}

pub fn pipeline() -> Pipeline {
    load(Path::new(PIPELINE)).map_err(|_| "the pipeline is broken").unwrap()
}

fn read(pipeline: &Pipeline, folder: &Path) -> CheckedTables {
    let wanted = huiqi::schema::all(&pipeline.sources);
    sources::read(&pipeline.sources, folder, &Path::new(PIPELINE).join("tables"), &wanted).unwrap()
}

pub fn day(text: &str) -> i32 {
    period::parse_iso_date(text.as_bytes()).unwrap()
}

/// Every parameter that ships unset, set: an amount to 12345.05, a rate to 1.5 %, years to 3, a keyed one for some keys only.
fn all_set(pipeline: &Pipeline) -> Overlay {
    let mut overlay = Overlay::default();
    for parameter in pipeline.parameters.iter().filter(|p| p.entries.iter().any(|e| e.value == Setting::Unset)) {
        let (Some(measure), name) = (&parameter.measure, &parameter.name) else { continue };
        let value = match parameter.unit.as_str() {
            "比例" => "0.015",
            "年" => "3",
            _ => "12345.05",
        };
        let keys: &[&str] = if parameter.keyed { &[".C", ".F"] } else { &[""] };
        keys.iter().for_each(|key| overlay.set(&format!("{measure}.{name}{key}={value}")).unwrap());
    }
    overlay
}

/// What a run decides and settles.
pub fn settled<'w>(world: &'w World<'w>) -> Vec<Settled<'w>> {
    let all: Vec<MeasureId> = world.pipeline.measures.keys().collect();
    settlement::settle(world, &all, 2).map_err(|e| format!("{e:?}")).unwrap()
}

/// Numbers that look random and are the same on every run.
pub struct Draw(pub u64);

impl Draw {
    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        ((self.0 >> 33) as usize) % n
    }
}

/// The items through `f`, on two threads of our own: inside a pool's thread, what waits would take up further items.
pub fn on_threads<T: Send, R: Send>(items: Vec<T>, f: impl Fn(T) -> Vec<R> + Sync) -> Vec<R> {
    let queue = std::sync::Mutex::new(items);
    let work = || {
        let mut done = Vec::new();
        loop {
            let Some(item) = queue.lock().unwrap().pop() else { return done };
            done.extend(f(item));
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|t| t.join().unwrap()).collect()
    })
}

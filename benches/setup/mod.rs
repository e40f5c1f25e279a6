//! The generated city that the benches work on.

use huiqi::generate;
use huiqi::policy::{self, model::Pipeline};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

pub struct City {
    pub pipeline: Pipeline,
    /// The pipeline's own tables.
    pub tables: PathBuf,
    pub data: PathBuf,
}

/// As many enterprises as `HUIQI_ENTERPRISES` says; 20,000 where it says nothing.
pub fn enterprises() -> u64 {
    std::env::var("HUIQI_ENTERPRISES").ok().and_then(|n| n.parse().ok()).unwrap_or(20_000)
}

/// A folder for what a bench makes; it is kept for the next time.
pub fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", enterprises()))
}

/// The generated delivery, made once.
pub fn city() -> &'static City {
    static CITY: OnceLock<City> = OnceLock::new();
    CITY.get_or_init(|| {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/xinzhou-2022");
        let Ok(pipeline) = policy::load(&dir) else { panic!("the pipeline does not load: huiqi check says why") };
        let Ok(plan) = generate::load(&dir, &pipeline) else { panic!("the plan does not load") };
        let data = folder("city");
        generate::generate(&pipeline, &plan, enterprises(), 1, &data, None).expect("a city");
        City { pipeline, tables: dir.join("tables"), data }
    })
}

//! Which rows one condition alone fails: take it away, and the verdict is 不符合 no longer.

use super::Decided;
use polars::prelude::BooleanChunked;
use polars_arrow::bitmap::Bitmap;

impl Decided<'_> {
    /// By condition, in the order of `judged`, the judged rows that it alone fails; none of any where rows were not asked all
    /// conditions, as of a measure out of force.
    pub fn alone(&self) -> Vec<Bitmap> {
        let n = self.verdicts.len();
        let failing: Vec<Bitmap> = self.judged.iter().map(|judged| fails(&judged.holds)).collect();
        let (mut once, mut twice) = (Bitmap::new_zeroed(n), Bitmap::new_zeroed(n));
        for fails in &failing {
            twice = &twice | &(&once & fails);
            once = &once | fails;
        }
        let alone = &once & &!&twice;
        failing.iter().map(|fails| fails & &alone).collect()
    }
}

/// Where a condition is false.
fn fails(holds: &BooleanChunked) -> Bitmap {
    let holds = holds.rechunk();
    let holds = holds.downcast_as_array();
    let denied = !holds.values();
    holds.validity().map_or(denied.clone(), |known| &denied & known)
}

//! One set of data: a plan at one size, with one seed.

use super::draw::Stream;
use super::report::GenerateError;
use crate::facts::World;
use crate::generate::plan::model::{Count, Plan, Share, TableId};
use crate::schema::BySource;

/// What every row of one set of data follows from.
pub struct Data<'p> {
    pub plan: &'p Plan,
    /// What formulas are computed in; it holds no tables.
    pub world: &'p World<'p>,
    /// Rows counted, per table.
    pub rows: BySource<u64>,
    pub streams: BySource<Streams>,
    /// Moves the codes, so that another seed makes other codes.
    pub shift: u64,
}

/// The random numbers of one table.
pub struct Streams {
    pub share: Stream,
    pub links: Vec<Stream>,
    pub columns: Vec<Stream>,
}

impl<'p> Data<'p> {
    pub fn new(plan: &'p Plan, world: &'p World<'p>, enterprises: u64, seed: u64) -> Result<Data<'p>, GenerateError> {
        let root = Stream::new(seed);
        let streams = plan.tables.iter().map(|table| {
            let own = root.named(&table.name);
            Streams {
                share: own.named("share"),
                links: table.links.iter().map(|link| own.named("link").named(&link.name)).collect(),
                columns: table.columns.iter().map(|column| own.named("column").named(&column.name)).collect(),
            }
        });
        let rows: Option<BySource<u64>> = plan.tables.keys().map(|table| count(plan, table, enterprises)).collect();
        let rows = rows.ok_or(GenerateError::TooLarge)?;
        Ok(Data { plan, world, rows, streams: streams.collect(), shift: root.named("codes").at(0) })
    }
}

impl Data<'_> {
    /// Whether a row that is counted is within the share of those that are there at all.
    pub fn counts(&self, table: TableId, row: u64) -> bool {
        let share = self.plan.tables[table].share;
        share == Share::WHOLE || self.streams[table].share.takes(row, share)
    }
}

/// Rows counted in a table; parents stand in no circle, a checked plan sees to that.
fn count(plan: &Plan, table: TableId, enterprises: u64) -> Option<u64> {
    match plan.tables[table].count {
        Count::Fixed(rows) => Some(rows),
        Count::PerThousand { rows, at_least } => Some(enterprises.checked_mul(rows)?.div_ceil(1000).max(at_least)),
        Count::Children { parent, times } => count(plan, parent, enterprises)?.checked_mul(times),
    }
}

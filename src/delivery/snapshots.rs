//! Sources that hold the state at the end of each month, reported by several institutions (`snapshot_of`): whether the last one is whole,
//! and of when it is.

use super::{Finding, Found, Look, Rule, Weight};
use crate::period;
use crate::schema::{Source, SourceId};
use polars::prelude::*;
use std::collections::BTreeSet;

/// A snapshot older than this does not tell how things stand.
const STALE: i32 = 62;
/// Of those who reported the month before, so many of a hundred must have reported.
const ENOUGH: usize = 80;

/// What is known of a snapshot source.
struct Snapshot {
    id: SourceId,
    /// 期末: the last day of it up to 截止日.
    last: i32,
    /// Who reported on that day, and on the month end before.
    now: usize,
    before: usize,
}

/// The month end has been reported by a few, the one before by everybody.
pub fn partial(look: &Look<'_>, found: &mut Found<'_, '_>) {
    for Snapshot { id, last, now, before } in snapshots(look).filter(|s| s.before > 0 && s.now * 100 < s.before * ENOUGH) {
        let source = &look.wanted.pipeline.sources[id];
        let day = period::format_date(last);
        let says = format!("最近一期（{day}）只有 {now} 家报送，上一期有 {before} 家");
        let advice = format!(
            "请等各家报齐，或者先撤下 {day} 的数据；确认以这一期为期末的，用 --accept {}:{} 确认",
            Rule::SnapshotPartial.code(),
            source.name
        );
        found.add(Weight::Aside, Finding { place: day, ..look.of_source(Rule::SnapshotPartial, id, says, advice) });
    }
}

/// The last snapshot is long past, or none of this year.
pub fn stale(look: &Look<'_>, found: &mut Found<'_, '_>) {
    let as_of = look.wanted.as_of;
    let year = period::civil(as_of).0;
    for Snapshot { id, last, .. } in snapshots(look) {
        let source = &look.wanted.pipeline.sources[id];
        let day = period::format_date(last);
        let (weight, says) = match as_of.saturating_sub(last) > STALE {
            true => (Weight::Warn, format!("最近一期是 {day}，离截止日 {} 天", as_of - last)),
            false if period::civil(last).0 < year => (Weight::Note, format!("最近一期是 {day}，还没有本年的数据")),
            false => continue,
        };
        let advice = format!("请报送{}最近月末的数据", source.title);
        found.add(weight, Finding { place: day, ..look.of_source(Rule::SnapshotStale, id, says, advice) });
    }
}

fn snapshots<'l>(look: &Look<'l>) -> impl Iterator<Item = Snapshot> + use<'l> {
    let (as_of, data) = (look.wanted.as_of, look.data);
    look.sources().filter_map(move |(id, source)| snapshot(id, source, data.tables[id].as_ref().map(|table| &table.frame)?, as_of))
}

/// None where the source is no snapshot, or has none up to 截止日.
fn snapshot(id: SourceId, source: &Source, frame: &DataFrame, as_of: i32) -> Option<Snapshot> {
    let [days, who] = [source.dated_by?, source.snapshot_of?].map(|column| frame.columns().get(column));
    let (days, who) = (days?.as_materialized_series(), who?.as_materialized_series());
    let days = days.date().ok()?.physical().clone();
    let last = days.iter().flatten().filter(|day| *day <= as_of).max()?;
    let (year, month, _) = period::civil(last);
    let before = period::days(year, month, 1)? - 1;
    let who = who.u32().ok()?;
    let reported = |day: i32| -> BTreeSet<u32> {
        let rows = days.iter().zip(who.iter()).filter(|(of, _)| *of == Some(day));
        rows.filter_map(|(_, who)| who).collect()
    };
    let (now, before) = (reported(last), reported(before));
    Some(Snapshot { id, last, now: now.intersection(&before).count(), before: before.len() })
}

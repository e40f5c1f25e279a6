//! Who is on a measure's list, for the measures that read it.

use super::Settled;
use crate::facts::{List, World};
use crate::measures::Verdict;
use crate::sql::EvalError;

/// Makes known who is on the list: 符合 is on it, of 待核实 nobody knows.
pub fn publish<'w>(world: &'w World<'w>, settled: &mut Settled<'w>) -> Result<(), EvalError> {
    let decided = &mut settled.decided;
    let measure = &world.pipeline.measures[decided.measure];
    let mut rows = vec![Some(false); world.frame(measure.per).height()];
    let mut codes = vec![Some(false); world.tables.codes.len()];
    let ids = measure.subject.key().map(|key| decided.rows.column(key)).transpose()?;
    let ids = ids.as_ref().map(|ids| ids.as_materialized_series().u32()).transpose()?;
    for (at, (&row, verdict)) in decided.row_numbers.iter().zip(&decided.verdicts).enumerate() {
        let standing = match verdict {
            Verdict::Eligible => Some(true),
            Verdict::Unknown => None,
            Verdict::Ineligible(_) | Verdict::Unset => continue,
        };
        rows[row as usize] = standing;
        if let Some(id) = ids.and_then(|ids| ids.get(at))
            && codes[id as usize] != Some(true)
        {
            codes[id as usize] = standing;
        }
    }
    world.publish_list(decided.measure, List { rows, codes });
    Ok(())
}

//! undetermined.csv: the rows that nobody can decide yet, one each, with what is missing and who delivers it.

use super::subject::Subjects;
use crate::facts::World;
use crate::measures::{Missing, missing};
use crate::policy::model::Measure;
use crate::settlement::Settled;
use crate::sql::EvalError;
use std::sync::Arc;

/// One 待核实 row; what many rows lack alike is kept once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// Position among the measure's judged rows.
    pub row: usize,
    /// Position among the measure's 待核实 rows as they are published.
    at: usize,
    /// 缺失数据: columns, and titles of sources whose row is not on file.
    pub data: Arc<str>,
    /// 提供部门, each once.
    pub departments: Arc<str>,
}

/// One measure's 待核实 rows, in the order of subject and row key.
pub struct Undetermined<'w> {
    pub measure: &'w Measure,
    pub rows: Vec<Pending>,
    subjects: Subjects<'w>,
}

impl Undetermined<'_> {
    /// 统一社会信用代码, as published.
    pub fn subject(&self, row: &Pending) -> &str {
        self.subjects.code(row.at)
    }

    /// 主体名称.
    pub fn name(&self, row: &Pending) -> &str {
        self.subjects.name(row.at)
    }

    /// 来源单据, as published.
    pub fn document(&self, row: &Pending) -> &str {
        self.subjects.document(row.at)
    }
}

/// What stands between two missing things, and between two departments.
const BETWEEN: &str = "、";

/// The 待核实 rows of one measure.
pub fn undetermined<'w>(world: &'w World<'w>, settled: &Settled<'w>) -> Result<Undetermined<'w>, EvalError> {
    let measure = &world.pipeline.measures[settled.measure()];
    let lacks = missing(world, &settled.decided)?;
    let (subjects, _, order) = Subjects::in_order(world.pipeline, measure, &settled.decided.rows, &lacks.rows)?;
    let texts: Vec<(Arc<str>, Arc<str>)> = lacks.lists.iter().map(|list| texts(list)).collect();
    let rows = order.into_iter().enumerate().map(|(at, found)| {
        let (data, departments) = &texts[lacks.list[found as usize] as usize];
        Pending { row: lacks.rows[found as usize] as usize, at, data: data.clone(), departments: departments.clone() }
    });
    Ok(Undetermined { measure, rows: rows.collect(), subjects })
}

fn texts(list: &[Missing]) -> (Arc<str>, Arc<str>) {
    let (mut data, mut departments): (Vec<String>, Vec<&str>) = (Vec::new(), Vec::new());
    for missing in list {
        let said = missing.to_string();
        if !data.contains(&said) {
            data.push(said);
        }
        if !missing.department.is_empty() && !departments.contains(&missing.department.as_str()) {
            departments.push(&missing.department);
        }
    }
    (data.join(BETWEEN).into(), departments.join(BETWEEN).into())
}

//! From an expression without a value down to the cells and rows that it lacks.

use super::lists::{EMPTY, ListId, Lists, Missing};
use crate::facts::{Rows, World};
use crate::schema::SourceId;
use crate::sql::EvalError;
use crate::sql::functions::Function;
use crate::sql::ir::{Expr, Item, Node, Output, Row, Subquery};

type Searched = Result<(), EvalError>;

/// Rows at hand.
#[derive(Clone)]
pub struct Site<'w> {
    pub rows: Rows<'w>,
    /// Where the rows are pairs of a row and a related row: the two sides.
    sides: Option<Box<Sides<'w>>>,
}

/// The two rows of every pair.
#[derive(Clone)]
struct Sides<'w> {
    around: Site<'w>,
    around_of: Vec<u32>,
    own: Site<'w>,
    own_of: Vec<u32>,
}

impl<'w> Site<'w> {
    pub fn of(rows: Rows<'w>) -> Self {
        Site { rows, sides: None }
    }
}

/// A search over one measure.
pub struct Search<'w> {
    pub world: &'w World<'w>,
    pub lists: Lists,
}

impl<'w> Search<'w> {
    /// Adds to `out` what `e` lacks in the `open` rows, in all of which it has no value.
    pub fn explain(&mut self, e: &Expr, site: &mut Site<'w>, open: &[u32], out: &mut [ListId]) -> Searched {
        if open.is_empty() {
            return Ok(());
        }
        if let Some(sides) = &mut site.sides {
            match e.rows() {
                (true, false) => return self.cross(e, &mut sides.own, &sides.own_of, open, out),
                (false, true) => return self.cross(&e.lifted(), &mut sides.around, &sides.around_of, open, out),
                _ => {}
            }
        }
        match &e.node {
            Node::Item { row: Row::Own, source, item: Item::Column(column) } => {
                self.column(*source, *column, open, out);
                Ok(())
            }
            Node::Item { item: Item::Fact(fact), .. } => self.explain(&self.world.pipeline.facts[*fact].value, site, open, out),
            Node::Through { key, source, item } => self.through(key, *source, *item, site, open, out),
            Node::RunValue(fact) => {
                let value = &self.world.pipeline.facts[*fact].value;
                self.once(open, out, |search, single, of_run| search.explain(value, single, &[0], of_run))
            }
            Node::Subquery(q) if q.keys.is_empty() => {
                self.once(open, out, |search, single, of_run| search.related(q, single, &[0], of_run))
            }
            Node::Subquery(q) => self.related(q, site, open, out),
            Node::Case { branches, otherwise } => self.case(branches, otherwise.as_deref(), site, open, out),
            Node::Named { body, .. } => self.explain(body, site, open, out),
            // This very row is 待核实 in the other measure: it lacks here what it lacks there.
            Node::OnList { measure, code: None } => {
                let asks = self.world.pipeline.measures[*measure].asks();
                self.parts(asks.into_iter(), site, open, out).map(drop)
            }
            _ => self.operands(e, site, open, out),
        }
    }

    /// Each part in those of the open rows in which it has no value.
    pub fn parts<'e>(
        &mut self,
        parts: impl Iterator<Item = &'e Expr>,
        site: &mut Site<'w>,
        open: &[u32],
        out: &mut [ListId],
    ) -> Result<Vec<u32>, EvalError> {
        let mut unexplained = open.to_vec();
        for part in parts {
            let nulls = site.rows.nulls(part)?;
            let lacking: Vec<u32> = open.iter().copied().filter(|&row| nulls[row as usize]).collect();
            self.explain(part, site, &lacking, out)?;
            unexplained.retain(|&row| !nulls[row as usize]);
        }
        Ok(unexplained)
    }

    /// An operator lacks what its operands lack; one that has no value for known operands (÷ 0) is explained by what it reads.
    fn operands(&mut self, e: &Expr, site: &mut Site<'w>, open: &[u32], out: &mut [ListId]) -> Searched {
        let undefined = self.parts(e.children().into_iter(), site, open, out)?;
        if !undefined.is_empty() {
            for (source, column) in columns_in(e) {
                self.column(source, column, &undefined, out);
            }
        }
        Ok(())
    }

    /// A value of one side of the pairs.
    fn cross(&mut self, e: &Expr, side: &mut Site<'w>, side_of: &[u32], open: &[u32], out: &mut [ListId]) -> Searched {
        let mut rows: Vec<u32> = open.iter().map(|&pair| side_of[pair as usize]).collect();
        rows.sort_unstable();
        rows.dedup();
        let mut found = vec![EMPTY; side.rows.len()];
        self.explain(e, side, &rows, &mut found)?;
        for &pair in open {
            self.add(found[side_of[pair as usize] as usize], pair, out);
        }
        Ok(())
    }

    /// A value that is the same for every row: explained once.
    fn once(
        &mut self,
        open: &[u32],
        out: &mut [ListId],
        explain: impl FnOnce(&mut Self, &mut Site<'w>, &mut [ListId]) -> Searched,
    ) -> Searched {
        let mut found = [EMPTY];
        explain(self, &mut Site::of(Rows::single(self.world)), &mut found)?;
        open.iter().for_each(|&row| self.add(found[0], row, out));
        Ok(())
    }

    /// A column or fact of the row that a key names: no key, no such row, or nothing in it.
    fn through(&mut self, key: &Expr, source: SourceId, item: Item, site: &mut Site<'w>, open: &[u32], out: &mut [ListId]) -> Searched {
        let keyed = self.parts([key].into_iter(), site, open, out)?;
        let ids = site.rows.column(key)?;
        let ids = ids.as_materialized_series().u32()?;
        let row_of = self.world.row_of(source);
        let found = |at: &u32| ids.get(*at as usize).and_then(|id| World::existing(row_of[id as usize]));
        let (known, absent): (Vec<u32>, Vec<u32>) = keyed.iter().partition(|at| found(at).is_some());
        let declared = &self.world.pipeline.sources[source];
        let no_row = self.lists.only(Missing { data: declared.title.clone(), when: None, department: declared.department.clone() });
        absent.iter().for_each(|&at| self.add(no_row, at, out));
        match item {
            Item::Column(column) => self.column(source, column, &known, out),
            Item::Fact(fact) => {
                let mut far: Vec<u32> = known.iter().filter_map(found).collect();
                far.sort_unstable();
                far.dedup();
                let mut there = Site::of(Rows::of(self.world, source).select(&far)?);
                let mut lists = vec![EMPTY; far.len()];
                let all: Vec<u32> = (0..far.len() as u32).collect();
                self.explain(&self.world.pipeline.facts[fact].value, &mut there, &all, &mut lists)?;
                for &at in &known {
                    if let Some(place) = found(&at).and_then(|row| far.binary_search(&row).ok()) {
                        self.add(lists[place], at, out);
                    }
                }
            }
        }
        Ok(())
    }

    /// A value out of related rows: no key to look by, no row on file, or nothing in the rows.
    fn related(&mut self, q: &Subquery, site: &mut Site<'w>, open: &[u32], out: &mut [ListId]) -> Searched {
        let mut open = open.to_vec();
        for (_, outer) in &q.keys {
            open = self.parts([outer].into_iter(), site, &open, out)?;
        }
        let matches = site.rows.matches(q)?;
        let mut wanted = vec![false; site.rows.len()];
        open.iter().for_each(|&row| wanted[row as usize] = true);
        let mut matched = vec![false; site.rows.len()];
        matches.outer.iter().for_each(|&row| matched[row as usize] = true);
        let absent: Vec<u32> = open.iter().copied().filter(|&row| !matched[row as usize]).collect();
        self.absent(q, &mut site.rows, &absent, out)?;
        let (Output::Sum(value) | Output::Min(value) | Output::Max(value) | Output::Any(value) | Output::First { value, .. }) = &q.output
        else {
            return Ok(());
        };
        let mut inner = matches.inner.clone();
        inner.sort_unstable();
        inner.dedup();
        let own = Site::of(Rows::of(self.world, q.source).select(&inner)?);
        let own_of = matches.inner.iter().filter_map(|row| inner.binary_search(row).ok()).map(|place| place as u32).collect();
        let sides = Sides { around: site.clone(), around_of: matches.outer, own, own_of };
        let mut pairs = Site { rows: matches.pairs, sides: Some(Box::new(sides)) };
        let nulls = pairs.rows.nulls(value)?;
        let around_of = pairs.sides.as_ref().map(|sides| sides.around_of.clone()).unwrap_or_default();
        let lacking: Vec<u32> = (0..around_of.len()).filter(|&p| nulls[p] && wanted[around_of[p] as usize]).map(|p| p as u32).collect();
        let mut found = vec![EMPTY; around_of.len()];
        self.explain(value, &mut pairs, &lacking, &mut found)?;
        for pair in lacking {
            self.add(found[pair as usize], around_of[pair as usize], out);
        }
        Ok(())
    }

    /// The alternative that was chosen; where none was, the conditions that could not choose.
    fn case(
        &mut self,
        branches: &[(Expr, Expr)],
        otherwise: Option<&Expr>,
        site: &mut Site<'w>,
        open: &[u32],
        out: &mut [ListId],
    ) -> Searched {
        let before: Vec<ListId> = open.iter().map(|&row| out[row as usize]).collect();
        let mut left = open.to_vec();
        for (condition, value) in branches {
            let truth = site.rows.condition(condition)?;
            let (chosen, rest): (Vec<u32>, Vec<u32>) = left.iter().partition(|&&row| truth.get(row as usize) == Some(true));
            self.explain(value, site, &chosen, out)?;
            left = rest;
        }
        if let Some(value) = otherwise {
            self.explain(value, site, &left, out)?;
        }
        let silent = |out: &[ListId]| -> Vec<u32> {
            open.iter().zip(&before).filter(|(row, before)| out[**row as usize] == **before).map(|(row, _)| *row).collect()
        };
        let still = silent(out);
        self.parts(branches.iter().map(|(condition, _)| condition), site, &still, out)?;
        let still = silent(out);
        let tested = branches.iter().flat_map(|(condition, _)| null_tests(condition));
        self.parts(tested, site, &still, out)?;
        Ok(())
    }

    /// An empty cell of this column.
    fn column(&mut self, source: SourceId, column: usize, open: &[u32], out: &mut [ListId]) {
        let declared = &self.world.pipeline.sources[source];
        let item =
            Missing { data: declared.columns[column].name.clone(), when: None, department: declared.department_of(column).to_string() };
        let only = self.lists.only(item);
        open.iter().for_each(|&row| self.add(only, row, out));
    }

    pub(super) fn add(&mut self, list: ListId, row: u32, out: &mut [ListId]) {
        let slot = &mut out[row as usize];
        *slot = self.lists.union(*slot, list);
    }
}

/// What a condition asks whether it is known.
fn null_tests(e: &Expr) -> Vec<&Expr> {
    match &e.node {
        Node::IsNull(tested) => vec![tested],
        _ => e.children().into_iter().flat_map(null_tests).collect(),
    }
}

/// The columns that an expression names, in order.
fn columns_in(e: &Expr) -> Vec<(SourceId, usize)> {
    match &e.node {
        Node::Item { source, item: Item::Column(column), .. } | Node::Through { source, item: Item::Column(column), .. } => {
            vec![(*source, *column)]
        }
        Node::Call(Function::CodeText, args) => args.iter().flat_map(columns_in).collect(),
        _ => e.children().into_iter().flat_map(columns_in).collect(),
    }
}

//! What measures and indicators read: the sources behind their expressions, through facts, keys, lists and settlement.
//!
//! Walks typed expressions, so it knows exactly what an evaluator may ask for. Never does: say what was delivered.

use super::indicator::{Grouping, Indicator, IndicatorId, Object, Target};
use super::model::{Measure, NotePart, Period, Pipeline};
use crate::schema::SourceId;
use crate::sql::functions::Function;
use crate::sql::ir::{Expr, FactId, GroupValue, Item, MeasureId, Node, ParameterId};
use std::collections::BTreeSet;

/// What a run of some measures and indicators needs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reach {
    /// Reference tables of the pipeline among them.
    pub sources: BTreeSet<SourceId>,
    /// Columns of them, as (source, column).
    pub columns: BTreeSet<(SourceId, usize)>,
    /// The measures asked for, those whose lists they or the indicators read, and those that settlement ties to them.
    pub measures: BTreeSet<MeasureId>,
    pub facts: BTreeSet<FactId>,
    pub parameters: BTreeSet<ParameterId>,
    /// Named functions, by name.
    pub functions: BTreeSet<String>,
}

/// The sources that these measures and indicators read, in the order of their ids.
pub fn sources_read(pipeline: &Pipeline, measures: &[MeasureId], indicators: &[IndicatorId]) -> Vec<SourceId> {
    reach(pipeline, measures, indicators).sources.into_iter().collect()
}

/// All that these measures and indicators build on.
pub fn reach(pipeline: &Pipeline, measures: &[MeasureId], indicators: &[IndicatorId]) -> Reach {
    let mut found = Reach::default();
    measures.iter().for_each(|&m| found.measure(pipeline, m));
    indicators.iter().for_each(|&i| found.indicator(pipeline, &pipeline.indicators[i]));
    found
}

/// The measures that can come out otherwise where one of these does: they themselves, those that read their lists, and those that
/// settle together with them, in the order of their ids.
pub fn dependants(pipeline: &Pipeline, changed: &BTreeSet<MeasureId>) -> Vec<MeasureId> {
    pipeline.measures.keys().filter(|&m| !reach(pipeline, &[m], &[]).measures.is_disjoint(changed)).collect()
}

impl Reach {
    /// What one measure reads itself: not what the lists that it reads are made from.
    pub fn of_measure(pipeline: &Pipeline, measure: &Measure) -> Reach {
        let mut found = Reach::default();
        found.measures.extend(pipeline.measures.keys());
        expressions(measure).into_iter().for_each(|e| found.expression(pipeline, e));
        found
    }

    /// What one expression is made from.
    pub fn of_expression(pipeline: &Pipeline, e: &Expr) -> Reach {
        let mut found = Reach::default();
        found.expression(pipeline, e);
        found
    }

    /// What the table of an indicator is made from.
    pub fn of_table(pipeline: &Pipeline, table: &Grouping) -> Reach {
        let mut found = Reach::default();
        found.table(pipeline, table);
        found
    }

    /// What one target of an indicator is made from.
    pub fn of_target(pipeline: &Pipeline, indicator: &Indicator, target: &Target) -> Reach {
        let mut found = Reach::default();
        found.target(pipeline, indicator, target);
        found
    }

    /// The pipeline's files that all this stands in, by their paths.
    pub fn files(&self, pipeline: &Pipeline) -> BTreeSet<String> {
        let mut found: BTreeSet<String> = ["pipeline.toml", "settlement.toml"].map(String::from).into();
        let mut places = Vec::new();
        places.extend(self.measures.iter().map(|&m| &pipeline.measures[m].place));
        places.extend(self.facts.iter().map(|&f| &pipeline.facts[f].place));
        places.extend(self.parameters.iter().map(|&p| &pipeline.parameters[p].place));
        found.extend(places.into_iter().map(|place| pipeline.files.path(place.file).to_string()));
        found.extend(self.functions.iter().map(|name| format!("facts/{name}.toml")));
        for source in self.sources.iter().map(|&s| &pipeline.sources[s]) {
            found.insert(format!("sources/{}.toml", source.name));
            found.extend(source.reference.then(|| format!("tables/{}.csv", source.name)));
        }
        found
    }

    fn measure(&mut self, pipeline: &Pipeline, id: MeasureId) {
        if !self.measures.insert(id) {
            return;
        }
        let measure = &pipeline.measures[id];
        self.sources.insert(measure.per);
        // The ledger names the subject as its registration does.
        self.sources.extend(measure.subject.link.as_ref().map(|link| link.target));
        expressions(measure).into_iter().for_each(|e| self.expression(pipeline, e));
        let noted = measure.basis.iter().flat_map(|note| &note.0);
        self.parameters.extend(noted.filter_map(|part| if let NotePart::Parameter(p) = part { Some(*p) } else { None }));
        let settlement = &pipeline.settlement;
        let highest = settlement.highest_of.iter().filter(|g| g.enabled).map(|g| &g.measures);
        let budgets = settlement.budgets.iter().filter(|b| b.enabled).map(|b| &b.measures);
        for together in highest.chain(budgets).filter(|members| members.contains(&id)) {
            together.iter().for_each(|&m| self.measure(pipeline, m));
        }
    }

    fn indicator(&mut self, pipeline: &Pipeline, indicator: &Indicator) {
        let run = indicator.remarks.iter().map(|r| &r.value).chain(indicator.warnings.iter().map(|w| &w.when));
        run.for_each(|e| self.expression(pipeline, e));
        indicator.table.iter().for_each(|table| self.table(pipeline, table));
        indicator.targets.iter().for_each(|target| self.target(pipeline, indicator, target));
    }

    fn table(&mut self, pipeline: &Pipeline, table: &Grouping) {
        self.counted(pipeline, table);
        let dimensions = table.dimensions.iter().flat_map(|d| d.by.iter().chain(&d.within));
        let conditions = dimensions.chain(table.slices.iter().map(|s| &s.when)).flatten();
        conditions.chain(table.columns.iter().map(|c| &c.value)).for_each(|e| self.expression(pipeline, e));
    }

    /// The rows that a table counts.
    fn counted(&mut self, pipeline: &Pipeline, table: &Grouping) {
        for part in &table.parts {
            self.sources.insert(part.source);
            self.expression(pipeline, &part.counted);
        }
    }

    fn target(&mut self, pipeline: &Pipeline, indicator: &Indicator, target: &Target) {
        match (&target.object, &indicator.table) {
            (Object::Each { source, when }, _) => {
                self.sources.insert(*source);
                when.iter().for_each(|e| self.expression(pipeline, e));
            }
            (Object::Group { dimension, slice, .. }, Some(table)) => {
                self.counted(pipeline, table);
                let slice = slice.iter().map(|&s| &table.slices[s].when);
                table.dimensions[*dimension].within.iter().chain(slice).flatten().for_each(|e| self.expression(pipeline, e));
            }
            _ => {}
        }
        let figures = [&target.goal, &target.actual, &target.met].into_iter();
        figures.chain(&target.no_data).chain(&target.pending).for_each(|e| self.expression(pipeline, e));
    }

    fn expression(&mut self, pipeline: &Pipeline, e: &Expr) {
        e.walk(&mut |part| match &part.node {
            Node::Item { source, item, .. } | Node::Through { source, item, .. } => {
                self.sources.insert(*source);
                match item {
                    Item::Fact(fact) => self.fact(pipeline, *fact),
                    Item::Column(column) => drop(self.columns.insert((*source, *column))),
                }
            }
            Node::RunValue(fact) => self.fact(pipeline, *fact),
            Node::Subquery(q) => {
                self.sources.insert(q.source);
            }
            Node::Group { value: GroupValue::Aggregate(a), .. } => {
                self.sources.insert(a.source);
            }
            Node::OnList { measure, .. } => self.measure(pipeline, *measure),
            Node::Parameter { parameter, .. } => {
                self.parameters.insert(*parameter);
            }
            Node::Named { name, .. } => {
                self.functions.insert(name.clone());
            }
            Node::Call(Function::WorkDays, _) => self.sources.extend(pipeline.calendar.iter().map(|c| c.table)),
            _ => {}
        });
    }

    /// Adds a fact and all that it builds on.
    pub fn fact(&mut self, pipeline: &Pipeline, fact: FactId) {
        if self.facts.insert(fact) {
            self.expression(pipeline, &pipeline.facts[fact].value);
        }
    }
}

/// Every expression of a measure.
pub fn expressions(measure: &Measure) -> Vec<&Expr> {
    let mut all = vec![&measure.subject.code];
    all.extend(measure.subject.link.as_ref().map(|link| &link.key));
    all.extend(measure.in_force.iter().chain(&measure.judged).chain(&measure.subject.alive).chain(&measure.ceiling));
    all.extend(measure.clauses.iter().map(|c| &c.when).chain(measure.amount.iter().map(|a| &a.value)));
    let noted = measure.basis.iter().flat_map(|note| &note.0);
    all.extend(noted.filter_map(|part| if let NotePart::Word(e) = part { Some(e) } else { None }));
    match &measure.period {
        Period::RunYear => {}
        Period::Year(e) => all.push(e),
        Period::Span(from, to) => all.extend([from, to]),
    }
    if let Some(cap) = &measure.cap {
        all.extend(cap.per.iter().chain(&cap.order).chain(&cap.used));
        all.push(&cap.limit);
    }
    all
}

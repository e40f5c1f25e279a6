//! What a row must meet to be on a measure: one ordered list, from which everything that is said of a verdict is said.

use super::model::Measure;
use super::near::Near;
use crate::diagnostic::Place;
use crate::sql::ir::{Expr, MeasureId, Node};

/// Which condition of a measure, in the order in which a row is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConditionId {
    /// 政策有效期.
    InForce,
    /// 主体状态.
    Subject,
    /// A clause of the measure, from 0.
    Clause(u16),
    /// 金额为零: what is computed must be more than nothing.
    Amount,
}

impl ConditionId {
    /// As cases and explanations name what is not met: the ledger's words, or the clause's number from 1.
    pub fn name(self) -> String {
        match self {
            ConditionId::InForce => "政策有效期".to_string(),
            ConditionId::Subject => "主体状态".to_string(),
            ConditionId::Clause(i) => (u32::from(i) + 1).to_string(),
            ConditionId::Amount => "金额为零".to_string(),
        }
    }
}

/// One condition of a measure. Whatever is said of a verdict is said of these.
#[derive(Debug, Clone, Copy)]
pub struct Condition<'m> {
    pub id: ConditionId,
    /// What it asks, in words; empty where its name says it.
    pub says: &'m str,
    /// The test; of the amount none: it is computed, and compared with nothing.
    pub when: Option<&'m Expr>,
    pub place: &'m Place,
    /// Only picks the row; failing it alone is no near miss.
    pub picks: bool,
    /// Within reach of whoever fails it alone.
    pub near: Option<&'m Near>,
}

impl Condition<'_> {
    /// Its name, behind a clause's number its words: `政策有效期`, `3 支付日期在本年`.
    pub fn title(&self) -> String {
        match self.id {
            ConditionId::Clause(_) => format!("{} {}", self.id.name(), self.says),
            id => id.name(),
        }
    }
}

impl Measure {
    /// What a row must meet, in the order in which it is judged: 政策有效期, 主体状态, the clauses, an amount above zero.
    pub fn conditions(&self) -> Vec<Condition<'_>> {
        let clauses = self.clauses.iter().zip(0..).map(|(c, i)| {
            let id = ConditionId::Clause(i);
            Condition { id, says: &c.says, when: Some(&c.when), place: &c.place, picks: c.picks, near: c.near.as_ref() }
        });
        let named = [
            (ConditionId::InForce, &self.in_force, &self.effect.place),
            (ConditionId::Subject, &self.subject.alive, &self.subject.alive_place),
        ];
        let named = named.into_iter().filter_map(|(id, when, place)| {
            let place = place.as_ref().unwrap_or(&self.place);
            Some(Condition { id, says: "", when: Some(when.as_ref()?), place, picks: false, near: None })
        });
        let amount = self.amount.iter().map(|a| {
            let (id, place) = (ConditionId::Amount, &a.place);
            Condition { id, says: "", when: None, place, picks: false, near: None }
        });
        named.chain(clauses).chain(amount).collect()
    }

    /// One of its conditions.
    pub fn condition(&self, id: ConditionId) -> Option<Condition<'_>> {
        self.conditions().into_iter().find(|c| c.id == id)
    }

    /// The measures whose lists it reads.
    pub fn lists(&self) -> Vec<MeasureId> {
        let mut found = Vec::new();
        for e in self.asks() {
            e.walk(&mut |part| {
                if let Node::OnList { measure, .. } = part.node {
                    found.push(measure);
                }
            });
        }
        found
    }

    /// All that it asks of a row: the tests of its conditions, and the amount.
    pub fn asks(&self) -> Vec<&Expr> {
        self.conditions().into_iter().filter_map(|c| c.when).chain(self.amount.iter().map(|a| &a.value)).collect()
    }
}

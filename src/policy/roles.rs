//! `[roles]` of the title page → [`Roles`]: which source is the register, which tells what was paid.

use super::model::{Payments, Roles};
use super::sources;
use super::toml::Table;
use crate::diagnostic::{Diagnostic, Findings, Mistake, Text};
use crate::schema::{ColumnKind, Source, SourceId, Sources};

/// The roles as they are named.
#[derive(Default)]
pub struct RawRoles {
    register: Option<Text>,
    payments: Option<RawPayments>,
}

struct RawPayments {
    source: Text,
    number: Text,
    amount: Text,
}

impl RawRoles {
    pub fn read(t: Table<'_>) -> RawRoles {
        let payments = t.table("paid").and_then(|p| {
            let named = (p.need_text("source"), p.need_text("number"), p.need_text("amount"));
            p.finish();
            Some(RawPayments { source: named.0?, number: named.1?, amount: named.2? })
        });
        let roles = RawRoles { register: t.text("register"), payments };
        t.finish();
        roles
    }

    /// The sources and columns that are named, each proven to be what its role asks.
    pub fn resolve(&self, all: &Sources, findings: &Findings) -> Roles {
        Roles {
            register: self.register.as_ref().and_then(|name| find_register(all, name, findings)),
            payments: self.payments.as_ref().and_then(|p| {
                let source = sources::find(all, &p.source, findings)?;
                let number = find_column(&all[source], &p.number, &ColumnKind::Code, findings);
                let amount = find_column(&all[source], &p.amount, &ColumnKind::Money, findings);
                Some(Payments { source, number: number?, amount: amount? })
            }),
        }
    }
}

/// A register is looked up by one code.
fn find_register(all: &Sources, name: &Text, findings: &Findings) -> Option<SourceId> {
    let id = sources::find(all, name, findings)?;
    let keyed = matches!(all[id].primary_key[..], [key] if all[id].columns[key].entity);
    if !keyed {
        let message = format!("`{}` cannot be a register: its primary key is not one code", name.value);
        findings.push(Diagnostic::error(Mistake::WrongType, name.place.clone(), message));
    }
    keyed.then_some(id)
}

fn find_column(source: &Source, name: &Text, kind: &ColumnKind, findings: &Findings) -> Option<usize> {
    let Some(found) = source.column(&name.value) else {
        let message = format!("`{}` has no column `{}`", source.name, name.value);
        let mistake = Diagnostic::error(Mistake::UnknownColumn, name.place.clone(), message);
        findings.push(mistake.similar(&name.value, source.columns.iter().map(|c| c.name.as_str())));
        return None;
    };
    let own = &source.columns[found].kind;
    if own != kind {
        let message = format!("expected a column of type {}, `{}` is {}", kind.name(), name.value, own.name());
        findings.push(Diagnostic::error(Mistake::WrongType, name.place.clone(), message));
    }
    (own == kind).then_some(found)
}

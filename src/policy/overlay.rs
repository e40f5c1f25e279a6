//! Values set for one run: `--params FILE` and `--set ID.PARAM=VALUE`, laid over the pipeline's own.
//!
//! Beside its parameters a measure has its dates of effect, by the name of the key in its file: `ID.in_force.from=DATE` and
//! `ID.in_force.to=DATE` (nothing after `=`: no such day).

use super::model::{Effect, Entry, Measure, Parameter, Pipeline, Setting, Settlement};
use super::parameters::{parse_value, what_it_is_not};
use crate::diagnostic::similar;
use crate::money::Fen;
use crate::sql::ir::{MeasureId, ParameterId};
use crate::{money, period};
use std::collections::BTreeMap;
use thiserror::Error;
use typed_index_collections::TiVec;

/// What a run sets: (measure id, parameter, key) → value as written. Later entries win.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overlay {
    pub settings: BTreeMap<(String, String, Option<String>), String>,
}

#[derive(Debug, Error, PartialEq, Eq)]
pub enum OverlayError {
    #[error("`{0}` is not ID.PARAMETER=VALUE (or ID.PARAMETER.KEY=VALUE)")]
    Form(String),
    #[error("there is no measure `{0}`{1}")]
    Measure(String, String),
    #[error("measure `{0}` has no parameter `{1}`{2}")]
    Parameter(String, String, String),
    #[error("`{0}.{1}`: `{2}` is {3}")]
    Value(String, String, String, String),
    #[error("`{0}.{1}` is set by key: write {0}.{1}.KEY=VALUE")]
    NeedsKey(String, String),
    #[error("`{0}.{1}` has no keys: write {0}.{1}=VALUE")]
    NoKeys(String, String),
    #[error("`{0}` is settled together: set {0}.启用=是 (or 否){1}")]
    Together(String, &'static str),
    #[error("`{0}.{1}`: `{2}` is not a year's money in yuan")]
    Money(String, String, String),
    #[error("`{0}` is switched on, and no year has any money: set {0}.YEAR=AMOUNT")]
    NoMoney(String),
    #[error(
        "`{0}.{IN_FORCE}` has two days: write {0}.{IN_FORCE}.from=DATE or {0}.{IN_FORCE}.to=DATE, a date such as 2022-04-08 or nothing"
    )]
    InForce(String),
    #[error("the parameter file: {0}")]
    File(String),
}

impl Overlay {
    /// Adds one `ID.PARAMETER=VALUE` or `ID.PARAMETER.KEY=VALUE`.
    pub fn set(&mut self, text: &str) -> Result<(), OverlayError> {
        let form = || OverlayError::Form(text.to_string());
        let (name, value) = text.split_once('=').ok_or_else(form)?;
        let mut parts = name.split('.').map(str::to_string);
        let (id, parameter) = (parts.next().ok_or_else(form)?, parts.next().ok_or_else(form)?);
        let key = parts.next();
        if parts.next().is_some() || id.is_empty() || parameter.is_empty() {
            return Err(form());
        }
        self.settings.insert((id, parameter, key), value.to_string());
        Ok(())
    }

    /// Adds a parameter file: TOML or JSON, one table per measure, values strings or integers.
    pub fn add_file(&mut self, text: &str) -> Result<(), OverlayError> {
        let file = |e: &dyn std::fmt::Display| OverlayError::File(e.to_string());
        let root: serde_json::Value = if text.trim_start().starts_with('{') {
            serde_json::from_str(text).map_err(|e| file(&e))?
        } else {
            let table: toml::Table = toml::from_str(text).map_err(|e| file(&e))?;
            serde_json::to_value(table).map_err(|e| file(&e))?
        };
        let measures = root.as_object().ok_or_else(|| OverlayError::File("one table per measure is expected".to_string()))?;
        for (id, values) in measures {
            let values = values.as_object().ok_or_else(|| OverlayError::File(format!("`{id}` must be a table")))?;
            for (name, value) in values {
                self.add_value(id, name, value)?;
            }
        }
        Ok(())
    }

    fn add_value(&mut self, id: &str, name: &str, value: &serde_json::Value) -> Result<(), OverlayError> {
        use serde_json::Value::*;
        match value {
            String(s) => {
                self.settings.insert((id.to_string(), name.to_string(), None), s.clone());
            }
            Number(n) if n.is_i64() || n.is_u64() => {
                self.settings.insert((id.to_string(), name.to_string(), None), n.to_string());
            }
            Object(keys) => {
                for (key, v) in keys {
                    let text = match v {
                        String(s) => s.clone(),
                        Number(n) if n.is_i64() || n.is_u64() => n.to_string(),
                        _ => {
                            return Err(OverlayError::File(format!(
                                "`{id}.{name}.{key}`: a value is a string or an integer, never a float"
                            )));
                        }
                    };
                    self.settings.insert((id.to_string(), name.to_string(), Some(key.clone())), text);
                }
            }
            _ => {
                return Err(OverlayError::File(format!("`{id}.{name}`: a value is a string or an integer, never a float")));
            }
        }
        Ok(())
    }

    /// The settings that a manifest recorded, as [`Overlay::named`] gave them.
    pub fn recorded(named: &BTreeMap<String, String>) -> Result<Overlay, OverlayError> {
        let mut overlay = Overlay::default();
        named.iter().try_for_each(|(name, value)| overlay.set(&format!("{name}={value}")))?;
        Ok(overlay)
    }

    /// The settings by full name (`ID.PARAMETER`, a keyed one with its key), as a manifest records them.
    pub fn named(&self) -> BTreeMap<String, String> {
        let name = |(id, parameter, key): &(String, String, Option<String>)| match key {
            Some(key) => format!("{id}.{parameter}.{key}"),
            None => format!("{id}.{parameter}"),
        };
        self.settings.iter().map(|(k, v)| (name(k), v.clone())).collect()
    }

    /// Lays the settings over a pipeline: parameters, dates of effect, groups and budgets.
    pub fn apply(&self, pipeline: &mut Pipeline) -> Result<(), OverlayError> {
        let mut parameters = std::mem::take(&mut pipeline.parameters);
        self.apply_to(pipeline, &mut parameters)?;
        for ((id, name, key), text) in &self.settings {
            let is_parameter = find_parameter(&pipeline.measures, &parameters, id, name).is_ok();
            if is_parameter || switch(&mut pipeline.settlement, id, name, text)? {
                continue;
            }
            let measure = find_measure(&pipeline.measures, id)?;
            let measure = &mut pipeline.measures[measure];
            set_effect(&mut measure.effect, key.as_deref(), text).ok_or_else(|| OverlayError::InForce(id.clone()))?;
            measure.in_force = measure.effect.condition();
        }
        pipeline.parameters = parameters;
        match pipeline.settlement.budgets.iter().find(|b| b.enabled && b.amounts.is_empty()) {
            Some(empty) => Err(OverlayError::NoMoney(empty.name.clone())),
            None => Ok(()),
        }
    }

    /// Lays the settings over a copy of a pipeline's parameters; what else they set is left alone.
    pub fn apply_to(&self, pipeline: &Pipeline, parameters: &mut TiVec<ParameterId, Parameter>) -> Result<(), OverlayError> {
        for ((id, name, key), text) in &self.settings {
            match find_parameter(&pipeline.measures, parameters, id, name) {
                Ok(position) => set(&mut parameters[position], id, key.as_deref(), text)?,
                Err(OverlayError::Parameter(..)) if name == IN_FORCE => {}
                Err(OverlayError::Measure(..)) if !pipeline.settlement.members(id).is_empty() => {}
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }

    /// The settings that are no parameters: dates of effect, groups and budgets.
    pub fn beside_parameters(&self, pipeline: &Pipeline) -> BTreeMap<String, String> {
        let is_beside = |id: &str, name: &str| find_parameter(&pipeline.measures, &pipeline.parameters, id, name).is_err();
        let settings = self.settings.iter().filter(|((id, name, _), _)| is_beside(id, name));
        Overlay { settings: settings.map(|(k, v)| (k.clone(), v.clone())).collect() }.named()
    }

    /// What comes out otherwise under one of the two: measures, groups and budgets of which a setting differs, by name.
    pub fn differing<'o>(&'o self, other: &'o Overlay) -> impl Iterator<Item = &'o str> {
        let names = self.settings.keys().chain(other.settings.keys());
        names.filter(|name| self.settings.get(*name) != other.settings.get(*name)).map(|(id, _, _)| id.as_str())
    }
}

/// The measure with this id.
pub(super) fn find_measure(measures: &TiVec<MeasureId, Measure>, id: &str) -> Result<MeasureId, OverlayError> {
    let known = || measures.iter().map(|m| m.id.as_str());
    measures.position(|m| m.id == id).ok_or_else(|| OverlayError::Measure(id.to_string(), hint(similar(id, known()))))
}

/// The parameter of this name of a measure.
pub(super) fn find_parameter(
    measures: &TiVec<MeasureId, Measure>,
    all: &TiVec<ParameterId, Parameter>,
    id: &str,
    name: &str,
) -> Result<ParameterId, OverlayError> {
    let own = &measures[find_measure(measures, id)?].parameters;
    own.iter().copied().find(|&p| all[p].name == name).ok_or_else(|| {
        let near = similar(name, own.iter().map(|&p| all[p].name.as_str()));
        OverlayError::Parameter(id.to_string(), name.to_string(), hint(near))
    })
}

/// Sets one of the dates of effect; `None` where key or text are none.
fn set_effect(effect: &mut Effect, key: Option<&str>, text: &str) -> Option<()> {
    let day = match text.trim() {
        "" => None,
        text => Some(period::parse_iso_date(text.as_bytes())?),
    };
    match key? {
        "from" => effect.from = day,
        "to" => effect.to = day,
        _ => return None,
    }
    effect.overlaid = true;
    Some(())
}

/// Switches a group or a budget on or off, or sets a year's money; false where none has this name.
fn switch(settlement: &mut Settlement, id: &str, name: &str, text: &str) -> Result<bool, OverlayError> {
    let on = || match text {
        "是" => Ok(true),
        "否" => Ok(false),
        _ => Err(OverlayError::Together(id.to_string(), "")),
    };
    if let Some(group) = settlement.highest_of.iter_mut().find(|g| g.name == id) {
        if name != SWITCH {
            return Err(OverlayError::Together(id.to_string(), ""));
        }
        (group.enabled, group.overlaid) = (on()?, true);
        return Ok(true);
    }
    let Some(budget) = settlement.budgets.iter_mut().find(|b| b.name == id) else {
        return Ok(false);
    };
    budget.overlaid = true;
    if name == SWITCH {
        budget.enabled = on()?;
        return Ok(true);
    }
    let year = name.parse().map_err(|_| OverlayError::Together(id.to_string(), ", or a year's money as YEAR=AMOUNT"))?;
    let money = money::parse_set_money(text).filter(|money| *money >= Fen::ZERO);
    let money = money.ok_or_else(|| OverlayError::Money(id.to_string(), name.to_string(), text.to_string()))?;
    budget.amounts.insert(year, money);
    Ok(true)
}

/// What a bureau sets to switch a group or a budget on.
const SWITCH: &str = "启用";

fn hint(near: Vec<&str>) -> String {
    if near.is_empty() { String::new() } else { format!("; similar: {}", near.join(", ")) }
}

fn set(p: &mut Parameter, id: &str, key: Option<&str>, text: &str) -> Result<(), OverlayError> {
    let wrong = || OverlayError::Value(id.to_string(), p.name.clone(), text.to_string(), what_it_is_not(text, &p.ty));
    let value = parse_value(text, &p.ty).ok_or_else(wrong)?;
    if p.filed.is_none() {
        p.filed = Some(p.entries.clone());
    }
    match (p.keyed, key) {
        (true, None) => return Err(OverlayError::NeedsKey(id.to_string(), p.name.clone())),
        (false, Some(_)) => return Err(OverlayError::NoKeys(id.to_string(), p.name.clone())),
        (false, None) => {
            p.entries = vec![Entry {
                from: None,
                to: None,
                value: Setting::One(value),
                written: text.to_string(),
                source: OVERLAY.to_string(),
                note: None,
                words: None,
            }];
        }
        (true, Some(key)) => {
            for entry in &mut p.entries {
                let mut keys = match std::mem::replace(&mut entry.value, Setting::Unset) {
                    Setting::Keyed(keys) => keys,
                    _ => BTreeMap::new(),
                };
                keys.insert(key.to_string(), value.clone());
                entry.value = Setting::Keyed(keys);
                entry.written = format!("{} {key}={text}", entry.written).trim().to_string();
                entry.source = OVERLAY.to_string();
            }
        }
    }
    p.overlaid = true;
    Ok(())
}

/// The source of a value that a run set.
const OVERLAY: &str = "本次运行设定";

/// The name of a measure's dates of effect, as in its file.
const IN_FORCE: &str = "in_force";

//! Values of one parameter at equal steps, exact: `ID.PARAMETER=FROM..TO/STEP` (or `ID.PARAMETER.KEY=…`), both ends included.

use super::model::Pipeline;
use super::overlay::{Overlay, OverlayError, find_parameter};
use super::parameters::{parse_value, what_it_is_not};
use crate::money::RATE_SCALE;
use crate::value::{Cell, Type, Value};
use thiserror::Error;

/// A parameter and the values that it takes, in units of its scale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid {
    pub id: String,
    pub parameter: String,
    pub key: Option<String>,
    ty: Type,
    from: i128,
    step: i128,
    /// Of the last value; the first is 0.
    last: u64,
}

#[derive(Debug, Error, PartialEq, Eq)]
pub enum GridError {
    #[error("`{0}` is not ID.PARAMETER=FROM..TO/STEP, as in 0.01..0.05/0.005")]
    Form(String),
    #[error(transparent)]
    Parameter(#[from] OverlayError),
    #[error("`{0}` is a date, which has no steps")]
    Date(String),
    #[error("`{0}`: `{1}` is {2}")]
    Value(String, String, String),
    #[error("`{0}`: the step must be greater than 0")]
    Step(String),
    #[error("`{0}`: FROM is greater than TO")]
    Backwards(String),
    #[error("`{0}`: steps of {1} from {2} do not meet {3}; the last before it is {4}")]
    Missed(String, String, String, String, String),
    #[error("`{0}`: that is more than a million steps")]
    TooMany(String),
}

/// So many steps are taken for meant.
const MOST: i128 = 1_000_000;

impl Grid {
    /// Reads a grid of a parameter of this pipeline.
    pub fn parse(text: &str, pipeline: &Pipeline) -> Result<Grid, GridError> {
        let form = || GridError::Form(text.to_string());
        let (name, range) = text.split_once('=').ok_or_else(form)?;
        let (from, rest) = range.split_once("..").ok_or_else(form)?;
        let (to, step) = rest.split_once('/').ok_or_else(form)?;
        // The same names as everywhere.
        let mut named = Overlay::default();
        named.set(&format!("{name}=")).map_err(|_| form())?;
        let (id, parameter, key) = named.settings.into_keys().next().ok_or_else(form)?;
        let found = &pipeline.parameters[find_parameter(&pipeline.measures, &pipeline.parameters, &id, &parameter)?];
        match (found.keyed, &key) {
            (true, None) => return Err(OverlayError::NeedsKey(id, parameter).into()),
            (false, Some(_)) => return Err(OverlayError::NoKeys(id, parameter).into()),
            _ => {}
        }
        let mut grid = Grid { id, parameter, key, ty: found.ty.clone(), from: 0, step: 0, last: 0 };
        let (from, to, step) = (grid.read(from)?, grid.read(to)?, grid.read(step)?);
        grid.span(from, to, step)?;
        Ok(grid)
    }

    /// How many values there are; at least one.
    pub fn len(&self) -> u64 {
        self.last + 1
    }

    pub fn is_empty(&self) -> bool {
        false
    }

    /// `ID.PARAMETER` or `ID.PARAMETER.KEY`.
    pub fn name(&self) -> String {
        let key = self.key.as_ref().map_or_else(String::new, |k| format!(".{k}"));
        format!("{}.{}{key}", self.id, self.parameter)
    }

    /// A value as one writes it.
    pub fn text(&self, at: u64) -> String {
        self.written(self.from + self.step * i128::from(at))
    }

    /// These settings with the value at one step laid over them.
    pub fn over(&self, settings: &Overlay, at: u64) -> Overlay {
        let mut overlay = settings.clone();
        overlay.settings.insert((self.id.clone(), self.parameter.clone(), self.key.clone()), self.text(at));
        overlay
    }

    fn read(&self, text: &str) -> Result<i128, GridError> {
        match parse_value(text, &self.ty) {
            Some(Value::Number(n)) => Ok(n),
            Some(_) => Err(GridError::Date(self.name())),
            None if self.ty == Type::Date => Err(GridError::Date(self.name())),
            None => Err(GridError::Value(self.name(), text.to_string(), what_it_is_not(text, &self.ty))),
        }
    }

    fn span(&mut self, from: i128, to: i128, step: i128) -> Result<(), GridError> {
        if step <= 0 {
            return Err(GridError::Step(self.name()));
        }
        if from > to {
            return Err(GridError::Backwards(self.name()));
        }
        let steps = (to - from) / step;
        let end = from + steps * step;
        if end != to {
            let [step, from, to, end] = [step, from, to, end].map(|n| self.written(n));
            return Err(GridError::Missed(self.name(), step, from, to, end));
        }
        if steps > MOST {
            return Err(GridError::TooMany(self.name()));
        }
        (self.from, self.step, self.last) = (from, step, u64::try_from(steps).unwrap_or(0));
        Ok(())
    }

    fn written(&self, value: i128) -> String {
        // A rate above 1 has its sign.
        let is_beyond_whole = self.ty == Type::RATE && value > 10i128.pow(RATE_SCALE);
        if is_beyond_whole { self.ty.shown(Cell::Number(value)) } else { self.ty.text(Cell::Number(value)).into_owned() }
    }
}

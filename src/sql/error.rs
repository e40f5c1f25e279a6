//! Why an expression has no value at all; a missing cell is no error but NULL.

use super::ir::ParameterId;
use polars::prelude::PolarsError;
use thiserror::Error;

/// Why an expression has no value for the whole run.
#[derive(Debug, Clone, Error)]
pub enum EvalError {
    /// A parameter has no entry on the day it is read.
    #[error("parameter {0:?} has no value on the as-of date")]
    NoValue(ParameterId),
    /// An amount beyond what a ledger can hold: the measure's or fact's row (from 0) in its source.
    #[error("row {row} of {source_name}: the amount is larger than any ledger can hold")]
    TooLarge { source_name: String, row: usize },
    /// The first day that is asked of the calendar and that it does not have.
    #[error("the calendar of working days does not have {}", crate::period::format_date(*.0))]
    Calendar(i32),
    #[error("engine: {0}")]
    Engine(String),
}

impl From<PolarsError> for EvalError {
    fn from(e: PolarsError) -> Self {
        EvalError::Engine(e.to_string())
    }
}

impl From<EvalError> for PolarsError {
    fn from(e: EvalError) -> Self {
        PolarsError::ComputeError(e.to_string().into())
    }
}

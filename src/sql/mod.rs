//! The expression language: SQL text → syntax tree → typed expression → Polars and exact arithmetic.
//!
//! [`resolve`] gives every name one meaning and every number a scale; [`lower`] turns the result into Polars
//! expressions, [`exact`] computes amounts as fractions. Nothing here knows a measure, a source or an article.

mod aggregate;
mod calls;
mod error;
pub mod exact;
pub mod functions;
pub mod ir;
mod lanes;
pub mod lower;
mod names;
mod parse;
pub mod rebase;
pub mod resolve;
pub mod subquery;
pub mod types;

pub use error::EvalError;

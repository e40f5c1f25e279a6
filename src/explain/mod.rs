//! Turns one subject's rows into an answer in words: every clause with what it saw, every amount with its numbers, down to file and line.
//!
//! [`shape`] takes a condition apart, [`Reading`] reads its tests over rows, [`answer`] explains the rows of one subject,
//! [`page`] writes the answer down, [`figures`] tells the rows behind a KPI. Guarantees: verdicts and amounts come from the same code as a run's, over the subject's
//! rows and what they are settled with; texts are made from the expressions that decided. Persons' numbers are masked.
//! Never does: decide by another path, or read files.

mod answer;
mod beside;
mod build;
mod edit;
mod find;
mod kpi;
mod margin;
mod named;
mod near;
mod page;
mod reading;
mod settled;
mod shape;
mod unfold;
mod values;

pub use answer::*;
pub use beside::{Short, beside, verdicts};
pub use build::{Failed, Question, answer};
pub use edit::{Edit, EditError};
pub use find::dependencies;
pub use kpi::{KpiAnswer, figures, kpi_page, name, named};
pub use margin::Margin;
pub use named::{Named, alike, by_name};
pub use near::bands;
pub use page::{Form, page};
pub use reading::{Reading, Seen};
pub use shape::{Shape, shape};

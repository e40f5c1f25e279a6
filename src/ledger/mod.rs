//! Turns awards into ledger lines, one per award, as the bureau reads them: masked, named, explained, in a total order.
//!
//! Guarantees: lines stand in the order of 措施编号, 统一社会信用代码, 来源单据; 台账编号 is a function of what is
//! published and is unique; sums are re-added in checked integers before anything is written.
//! Never does: compute an amount, or read an earlier run.

mod basis;
pub mod columns;
mod lines;
mod subject;
mod summary;
mod undetermined;

pub use basis::Basis;
pub use lines::{Book, Line, Lines, lines, number_of, says};
pub use subject::{Mask, Subjects, counties, documents, of_registration};
pub use summary::{OutOfBalance, Summary, summarise};
pub use undetermined::{Pending, Undetermined, undetermined};

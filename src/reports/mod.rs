//! Turns verdicts and awards into what people act on: who narrowly misses a measure, which measures an enterprise is on, the funnel,
//! what changed between two runs and why, what was paid, and what other parameters would cost.
//!
//! Never does: decide, settle, or write a file.

mod attribute;
mod cause;
mod delta;
mod diff;
mod funnel;
mod matches;
mod near_misses;
mod page;
mod payments;
mod rows;
mod scenario;
mod solve;
mod table;

pub use attribute::{Evidence, attribute};
pub use cause::{Basis, Cause, Causes};
pub use delta::{Amounts, AtHand, Brief, Change, Comparison, Entry, Field, Listed, Past, Turn, Walk};
pub use diff::{Tally, page as diff_page, tallies};
pub use funnel::{Funnel, Step, funnel};
pub use matches::{Match, matches};
pub use minijinja::Error as TemplateError;
pub use near_misses::{NearMiss, NearMisses, Wanted, near_misses};
pub use page::{Contents, REPORT_FILE, report};
pub use payments::{Account, Accounts, Paid, Standing, paid};
pub use rows::{Digests, RowChange};
pub use scenario::{Sum, Totals, compared, swept};
pub use solve::{Solution, Solved, solve, solved};
pub use table::{Cell, Table};

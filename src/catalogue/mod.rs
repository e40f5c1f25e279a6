//! What a pipeline does with the document that it stands for: which article is computed by what, a measure as its article
//! reads, where each figure went, and what looks wrong in files that compile.
//!
//! Everything is read from the checked pipeline. Never does: read data or files, or know what an article says.

mod coverage;
mod figures;
mod lints;
mod markdown;
mod page;
mod scan;
mod text;

pub use coverage::{ArticleCoverage, Standing, counts, coverage, of_chapter, uncovered};
pub use figures::{Claim, Claimed, figures, figures_page};
pub use lints::lint;
pub use markdown::markdown;
pub use page::page;
pub use text::catalogue;

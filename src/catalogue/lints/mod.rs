//! What compiles and still looks wrong: warnings, each at its words.

mod left;
mod never;
mod promises;
mod unused;

use crate::diagnostic::Diagnostic;
use crate::policy::model::Pipeline;

/// Every warning about the pipeline itself.
pub fn lint(pipeline: &Pipeline) -> Vec<Diagnostic> {
    let mut found = unused::unused(pipeline);
    found.extend(never::never_reached(pipeline));
    found.extend(promises::same_promise(pipeline));
    found.extend(promises::without_cap(pipeline));
    found.extend(super::figures::not_once(pipeline));
    found
}

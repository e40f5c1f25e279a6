//! `--accept RULE[:SOURCE]`: what a person has looked at and lets pass.

use super::{Finding, Rule};
use crate::diagnostic::similar;
use std::fmt;

/// Findings of a rule, about one source or about any, that are accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accept {
    pub rule: Rule,
    pub source: Option<String>,
}

impl Accept {
    /// What was typed; an unknown rule is a slip of the hand.
    pub fn parse(text: &str) -> Result<Accept, String> {
        let (code, source) = text.split_once(':').map_or((text, None), |(code, source)| (code, Some(source.to_string())));
        match Rule::ALL.iter().find(|rule| rule.code() == code) {
            Some(&rule) => Ok(Accept { rule, source }),
            None => {
                let near = similar(code, Rule::ALL.iter().map(|rule| rule.code())).join(", ");
                Err(format!("`{code}` is no rule of a finding; similar: {near}"))
            }
        }
    }

    /// Whether it accepts this finding.
    pub fn meets(&self, finding: &Finding) -> bool {
        self.rule.may_be_accepted()
            && self.rule.code() == finding.rule
            && self.source.as_ref().is_none_or(|source| *source == finding.source)
    }
}

impl fmt::Display for Accept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.rule.code())?;
        self.source.iter().try_for_each(|source| write!(f, ":{source}"))
    }
}

//! What fuzzing found, each case kept.

use crate::expressions::Expressions;

/// As deep as it is long: the stack ran over.
#[test]
fn long_chains_are_refused_before_they_are_walked() {
    let expressions = Expressions::new();
    for (first, link) in
        [("1", " + 1"), ("TRUE", " AND TRUE"), ("TRUE", " IS TRUE"), ("1", " - -1"), ("截止日", "::DATE"), ("TRUE", " = TRUE")]
    {
        for length in [100, 240, 251, 100_000] {
            expressions.check(&format!("{first}{}", link.repeat(length)));
        }
    }
}

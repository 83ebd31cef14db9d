//! An error and its causes as one line.

use std::error::Error;
use std::iter::successors;

/// The error and each of its causes, outermost first: `a: b: c`.
///
/// A cause that its wrapper already prints at its end is not repeated.
#[must_use]
pub fn error_chain(error: &dyn Error) -> String {
    successors(error.source(), |&cause| cause.source()).fold(error.to_string(), |chain, cause| {
        let cause = cause.to_string();
        if chain.ends_with(&cause) { chain } else { format!("{chain}: {cause}") }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{text}")]
    struct Layered {
        text: &'static str,
        source: Option<Box<Layered>>,
    }

    fn layered(texts: &[&'static str]) -> Option<Box<Layered>> {
        let (text, causes) = texts.split_first()?;
        Some(Box::new(Layered { text, source: layered(causes) }))
    }

    fn chain_of(texts: &[&'static str]) -> String {
        error_chain(&*layered(texts).expect("at least one error"))
    }

    #[test]
    fn causes_follow_the_error_outermost_first() {
        assert_eq!(chain_of(&["a"]), "a");
        assert_eq!(chain_of(&["a", "b", "c"]), "a: b: c");
    }

    #[test]
    fn a_cause_that_is_already_printed_is_not_repeated() {
        assert_eq!(chain_of(&["no pool: refused", "refused"]), "no pool: refused");
    }
}

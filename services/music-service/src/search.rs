//! Search by words.

use diesel::dsl::{self, AsExprOf};
use diesel::expression::{SqlLiteral, UncheckedBind};
use diesel::sql_types::{Array, Bool, Text};

/// What [`has_words`] gives.
pub(crate) type HasWords =
    SqlLiteral<Bool, UncheckedBind<SqlLiteral<Bool>, AsExprOf<Vec<String>, Array<Text>>>>;

/// Whether a column has all of the words, each at the beginning of a word of its own; letter case and accents do not matter. Served
/// by an index over `to_tsvector('simple', mus_fold(column))`.
///
/// The words are folded one by one and quoted then: folding may make a quote out of a letter.
pub(crate) fn has_words(column: &str, words: &[String]) -> HasWords {
    asked("", column, words, "")
}

/// The same for rows that are few already: no index is asked.
pub(crate) fn has_words_unindexed(column: &str, words: &[String]) -> HasWords {
    asked("coalesce(", column, words, ", false)")
}

fn asked(before: &str, column: &str, words: &[String], after: &str) -> HasWords {
    let query = format!(
        "{before}to_tsvector('simple', mus_fold({column})) @@ to_tsquery('simple', (
             SELECT string_agg(quote_literal(mus_fold(word)) || ':*', ' & ') FROM unnest("
    );
    let end = format!(") AS word)){after}");
    dsl::sql::<Bool>(&query).bind::<Array<Text>, _>(words.to_vec()).sql(&end)
}

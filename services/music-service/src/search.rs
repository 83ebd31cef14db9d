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
    let query = format!(
        "to_tsvector('simple', mus_fold({column})) @@ to_tsquery('simple', (
             SELECT string_agg(quote_literal(mus_fold(word)) || ':*', ' & ') FROM unnest("
    );
    dsl::sql::<Bool>(&query).bind::<Array<Text>, _>(words.to_vec()).sql(") AS word))")
}

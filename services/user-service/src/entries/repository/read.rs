//! Entries found.

use chrono::{DateTime, Utc};
use contracts::EntryType;
use database::AsText;
use diesel::dsl;
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::Entry;
use crate::schema::{lib_chapters, lib_entries, lib_entry_themes};

/// Entries that say which words are usual for a person.
const HISTORY: i64 = 50;

/// Which of a person's entries a list holds.
#[derive(Debug)]
pub(crate) struct Filter {
    pub(crate) user_id: Uuid,
    pub(crate) book_id: Option<Uuid>,
    pub(crate) entry_type: Option<EntryType>,
    pub(crate) theme: Option<String>,
    pub(crate) from: Option<DateTime<Utc>>,
    pub(crate) before: Option<DateTime<Utc>>,
    /// Each the beginning of a word of the content.
    pub(crate) words: Option<Vec<String>>,
}

/// A live entry, by primary key.
pub(crate) async fn find(mut connection: &AsyncPgConnection, id: Uuid) -> QueryResult<Option<Entry>> {
    let entry = lib_entries::table.find(id).filter(lib_entries::deleted_at.is_null());
    entry.select(Entry::as_select()).first(&mut connection).await.optional()
}

/// A person's live entries before the one named `after`, the last written first; served by `lib_entries_of_user`,
/// `lib_entries_by_time` or `lib_entries_by_words`.
pub(crate) async fn list(
    mut connection: &AsyncPgConnection,
    filter: &Filter,
    after: Option<Uuid>,
    limit: i64,
) -> QueryResult<Vec<Entry>> {
    // Boxed: what is asked for decides which index is best.
    let mut entries = lib_entries::table
        .filter(lib_entries::user_id.eq(filter.user_id))
        .filter(lib_entries::deleted_at.is_null())
        .filter(lib_entries::id.lt(after.unwrap_or(Uuid::max())))
        .order(lib_entries::id.desc())
        .limit(limit)
        .select(Entry::as_select())
        .into_boxed();
    if let Some(book_id) = filter.book_id {
        entries = entries.filter(lib_entries::book_id.eq(book_id));
    }
    if let Some(entry_type) = filter.entry_type {
        entries = entries.filter(lib_entries::entry_type.eq(AsText(entry_type)));
    }
    if let Some(from) = filter.from {
        entries = entries.filter(lib_entries::occurred_at.ge(from));
    }
    if let Some(before) = filter.before {
        entries = entries.filter(lib_entries::occurred_at.lt(before));
    }
    if let Some(theme) = &filter.theme {
        let about = lib_entry_themes::table
            .filter(lib_entry_themes::user_id.eq(filter.user_id))
            .filter(lib_entry_themes::theme.eq(theme))
            .select(lib_entry_themes::entry_id);
        entries = entries.filter(lib_entries::id.eq_any(about));
    }
    if let Some(words) = &filter.words {
        // The words are folded one by one and quoted then: folding may make a quote out of a letter.
        let found = dsl::sql::<Bool>(
            "to_tsvector('simple', lib_fold(lib_entries.content)) @@ to_tsquery('simple', (
                 SELECT string_agg(quote_literal(lib_fold(word)) || ':*', ' & ') FROM unnest(",
        );
        entries = entries.filter(found.bind::<Array<Text>, _>(words.clone()).sql(") AS word))"));
    }
    entries.load(&mut connection).await
}

/// The last of a person's live entries before one, as far as it matters which words they are of; served by `lib_entries_of_user`.
pub(crate) async fn list_before(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    before: Uuid,
) -> QueryResult<Vec<String>> {
    lib_entries::table
        .filter(lib_entries::user_id.eq(user_id))
        .filter(lib_entries::deleted_at.is_null())
        .filter(lib_entries::id.lt(before))
        .order(lib_entries::id.desc())
        .limit(HISTORY)
        .select(dsl::sql::<Text>("left(lib_entries.content, 4000)"))
        .load(&mut connection)
        .await
}

/// A person's live entries whose analysis broke down; served by `lib_entries_failed`.
pub(crate) async fn list_failed(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    limit: i64,
) -> QueryResult<Vec<Entry>> {
    lib_entries::table
        .filter(lib_entries::user_id.eq(user_id))
        // In words: a plan that is made for all parameters could not use the partial index.
        .filter(dsl::sql::<Bool>(
            "lib_entries.processing_status = 'failed' AND lib_entries.deleted_at IS NULL",
        ))
        .order(lib_entries::id)
        .limit(limit)
        .select(Entry::as_select())
        .load(&mut connection)
        .await
}

/// The live entries of a chapter after a place, in order; served by `lib_entries_one_at_a_place`.
pub(crate) async fn list_of_chapter(
    mut connection: &AsyncPgConnection,
    chapter_id: Uuid,
    after: Option<i32>,
    limit: i64,
) -> QueryResult<Vec<Entry>> {
    of_chapter(chapter_id)
        .filter(lib_entries::sort_order.gt(after.unwrap_or(-1)))
        .order(lib_entries::sort_order)
        .limit(limit)
        .select(Entry::as_select())
        .load(&mut connection)
        .await
}

/// The ids of a chapter's live entries.
pub(crate) async fn list_ids(connection: &mut AsyncPgConnection, chapter_id: Uuid) -> QueryResult<Vec<Uuid>> {
    of_chapter(chapter_id).select(lib_entries::id).load(connection).await
}

/// The live entries of a book, in order; served by `lib_entries_of_book`.
pub(crate) async fn list_of_book(
    mut connection: &AsyncPgConnection,
    book_id: Uuid,
) -> QueryResult<Vec<Entry>> {
    lib_entries::table
        .inner_join(lib_chapters::table.on(lib_chapters::id.eq(lib_entries::chapter_id)))
        .filter(lib_entries::book_id.eq(book_id))
        .filter(lib_entries::deleted_at.is_null())
        .order((lib_chapters::sort_order, lib_entries::sort_order))
        .select(Entry::as_select())
        .load(&mut connection)
        .await
}

#[dsl::auto_type(no_type_alias)]
pub(super) fn of_chapter(chapter_id: Uuid) -> _ {
    lib_entries::table
        .filter(lib_entries::chapter_id.eq(chapter_id))
        .filter(lib_entries::deleted_at.is_null())
}

//! Entries written, moved and deleted.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use contracts::EventType;
use contracts::events::EntryChanged;
use database::statement;
use diesel::dsl;
use diesel::prelude::*;
use diesel::sql_types::{Array, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::super::analysis::Reading;
use super::read::of_chapter;
use super::rows::ReadColumns;
use super::{Entry, EntryChanges, NewEntry};
use crate::events::OUTBOX;
use crate::profiling;
use crate::schema::lib_entries;

/// Puts an entry at the end of its chapter.
pub(crate) async fn insert(
    connection: &mut AsyncPgConnection,
    mut entry: NewEntry,
    reading: &Reading,
) -> QueryResult<Entry> {
    entry.sort_order = end_of(connection, entry.chapter_id).await?;
    let entry = diesel::insert_into(lib_entries::table).values((entry, ReadColumns::from(reading)));
    let entry = entry.returning(Entry::as_returning()).get_result(connection).await?;
    super::themes::replace(connection, (entry.user_id, entry.id), &reading.themes).await?;
    tell(connection, EventType::EntryCreated, [changed(&entry)]).await?;
    Ok(entry)
}

async fn end_of(connection: &mut AsyncPgConnection, chapter_id: Uuid) -> QueryResult<i32> {
    let last = of_chapter(chapter_id).select(dsl::max(lib_entries::sort_order));
    let last: Option<i32> = last.first(connection).await?;
    Ok(last.map_or(0, |last| last.saturating_add(1)))
}

pub(crate) async fn update(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    changes: &EntryChanges,
    reading: &Reading,
) -> QueryResult<Entry> {
    let entry = diesel::update(lib_entries::table.find(id)).set((
        changes,
        ReadColumns::from(reading),
        lib_entries::updated_at.eq(dsl::now),
    ));
    let entry = entry.returning(Entry::as_returning()).get_result(connection).await?;
    super::themes::replace(connection, (entry.user_id, entry.id), &reading.themes).await?;
    tell(connection, EventType::EntryUpdated, [changed(&entry)]).await?;
    Ok(entry)
}

/// Moves an entry to the end of another chapter.
pub(crate) async fn move_to(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    (book_id, chapter_id): (Uuid, Uuid),
) -> QueryResult<usize> {
    let sort_order = end_of(connection, chapter_id).await?;
    diesel::update(lib_entries::table.find(id))
        .set((
            lib_entries::book_id.eq(book_id),
            lib_entries::chapter_id.eq(chapter_id),
            lib_entries::sort_order.eq(sort_order),
            lib_entries::updated_at.eq(dsl::now),
        ))
        .execute(connection)
        .await
}

/// Puts all live entries of a chapter in an order.
pub(crate) async fn put_in_order(connection: &mut AsyncPgConnection, ids: &[Uuid]) -> QueryResult<usize> {
    statement::<()>(
        "UPDATE lib_entries AS entry SET sort_order = wanted.place::int - 1, updated_at = now()
         FROM unnest($1) WITH ORDINALITY AS wanted (id, place)
         WHERE entry.id = wanted.id AND entry.sort_order <> wanted.place::int - 1",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .execute(connection)
    .await
}

/// Which entries are meant.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Which {
    /// One.
    Entry(Uuid),
    /// All of a chapter.
    OfChapter(Uuid),
    /// All of a book.
    OfBook(Uuid),
}

/// Whose an entry was, its id, its book, and what it was about.
type Gone = (Uuid, Uuid, Uuid, Vec<String>);

/// Marks entries as deleted, takes their themes and what rested on them away, and tells of it.
pub(crate) async fn delete(connection: &mut AsyncPgConnection, which: Which) -> QueryResult<()> {
    let (column, id) = match which {
        Which::Entry(id) => ("id", id),
        Which::OfChapter(id) => ("chapter_id", id),
        Which::OfBook(id) => ("book_id", id),
    };
    let gone: Vec<Gone> = statement::<(SqlUuid, SqlUuid, SqlUuid, Array<Text>)>(format!(
        "WITH gone AS (
             UPDATE lib_entries SET deleted_at = now(), updated_at = now()
             WHERE {column} = $1 AND deleted_at IS NULL RETURNING user_id, id, book_id),
         themes AS (DELETE FROM lib_entry_themes WHERE entry_id IN (SELECT id FROM gone) RETURNING entry_id, theme)
         SELECT user_id, id, book_id, coalesce(about.themes, '{{}}') FROM gone
         LEFT JOIN (SELECT entry_id, array_agg(theme) AS themes FROM themes GROUP BY entry_id) AS about ON about.entry_id = gone.id"
    ))
    .bind::<SqlUuid, _>(id)
    .load(connection)
    .await?;
    if let [(user_id, ..), ..] = gone.as_slice() {
        let themes: BTreeSet<&String> = gone.iter().flat_map(|(_, _, _, themes)| themes).collect();
        let themes: Vec<String> = themes.into_iter().cloned().collect();
        profiling::repository::recount_themes(connection, *user_id, &themes).await?;
        let ids: Vec<Uuid> = gone.iter().map(|(_, id, ..)| *id).collect();
        profiling::repository::withdraw(connection, *user_id, &ids).await?;
    }
    let events =
        gone.into_iter().map(|(user_id, entry_id, book_id, _)| EntryChanged { user_id, entry_id, book_id });
    tell(connection, EventType::EntryDeleted, events).await
}

/// Tells what happened to entries, of one person in order.
async fn tell(
    connection: &mut AsyncPgConnection,
    kind: EventType,
    events: impl IntoIterator<Item = EntryChanged>,
) -> QueryResult<()> {
    let events = events.into_iter().map(|event| (event.user_id, event)).collect();
    OUTBOX.enqueue(connection, kind, events).await
}

fn changed(entry: &Entry) -> EntryChanged {
    EntryChanged { user_id: entry.user_id, entry_id: entry.id, book_id: entry.book_id }
}

/// Counts a person's entries and runs of days anew; served by `lib_entries_by_time`, whose rows are all it reads.
pub(crate) async fn refresh_person(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    statement::<()>(
        "WITH person AS (
             SELECT timezone, ($2 AT TIME ZONE timezone)::date AS today FROM usr_accounts WHERE id = $1),
         days AS (
             SELECT (entry.occurred_at AT TIME ZONE person.timezone)::date AS day, count(*) AS entries
             FROM lib_entries AS entry, person WHERE entry.user_id = $1 AND entry.deleted_at IS NULL GROUP BY 1),
         runs AS (
             SELECT max(day) AS last, count(*)::int AS length
             FROM (SELECT day, day - (row_number() OVER (ORDER BY day))::int AS run
                   FROM days, person WHERE day <= person.today) AS numbered
             GROUP BY run)
         UPDATE usr_profiles AS profile
         SET total_entries = (SELECT coalesce(sum(entries), 0) FROM days),
             longest_streak_days = (SELECT coalesce(max(length), 0) FROM runs),
             current_streak_days = (SELECT coalesce(max(length), 0) FROM runs, person WHERE last >= person.today - 1)
         WHERE profile.user_id = $1",
    )
    .bind::<SqlUuid, _>(user_id)
    .bind::<Timestamptz, _>(now)
    .execute(connection)
    .await
}

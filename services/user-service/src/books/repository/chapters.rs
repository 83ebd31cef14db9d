//! Rows of chapters.

use chrono::{DateTime, Utc};
use contracts::UnlockTrigger;
use contracts::user::{ChapterResponse, CreateChapterRequest, UpdateChapterRequest};
use database::{AsText, Database, DatabaseError, statement};
use diesel::dsl;
use diesel::prelude::*;
use diesel::sql_types::{Array, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::schema::lib_chapters;

/// A row of `lib_chapters`.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = lib_chapters, check_for_backend(diesel::pg::Pg))]
pub(crate) struct Chapter {
    pub(crate) id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) book_id: Uuid,
    pub(crate) title: String,
    pub(crate) description: Option<String>,
    pub(crate) sort_order: i32,
    pub(crate) is_locked: bool,
    pub(crate) unlock_trigger: AsText<UnlockTrigger>,
    pub(crate) unlock_at: Option<DateTime<Utc>>,
    pub(crate) unlock_threshold: Option<i32>,
    unlocked_at: Option<DateTime<Utc>>,
    pub(crate) entry_count: i32,
    created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

impl From<Chapter> for ChapterResponse {
    fn from(chapter: Chapter) -> Self {
        Self {
            id: chapter.id,
            book_id: chapter.book_id,
            title: chapter.title,
            description: chapter.description,
            sort_order: chapter.sort_order,
            is_locked: chapter.is_locked,
            unlock_trigger: chapter.unlock_trigger.0,
            unlock_at: chapter.unlock_at,
            unlock_threshold: chapter.unlock_threshold,
            unlocked_at: chapter.unlocked_at,
            entry_count: chapter.entry_count,
            created_at: chapter.created_at,
            updated_at: chapter.updated_at,
        }
    }
}

/// A chapter to be made.
#[derive(Debug, Insertable)]
#[diesel(table_name = lib_chapters)]
pub(crate) struct NewChapter {
    id: Uuid,
    user_id: Uuid,
    book_id: Uuid,
    title: String,
    description: Option<String>,
    sort_order: i32,
    is_locked: bool,
    unlock_trigger: AsText<UnlockTrigger>,
    unlock_at: Option<DateTime<Utc>>,
    unlock_threshold: Option<i32>,
    entry_count: i32,
}

impl NewChapter {
    pub(crate) fn new((user_id, book_id): (Uuid, Uuid), request: CreateChapterRequest) -> Self {
        let trigger = request.unlock_trigger.unwrap_or(UnlockTrigger::None);
        Self {
            id: contracts::ids::new_id(),
            user_id,
            book_id,
            title: request.title,
            description: request.description,
            sort_order: 0,
            is_locked: trigger != UnlockTrigger::None,
            unlock_trigger: AsText(trigger),
            unlock_at: request.unlock_at,
            unlock_threshold: request.unlock_threshold,
            entry_count: 0,
        }
    }
}

/// What a patch changes; `None` leaves a column as it is.
#[derive(Debug, AsChangeset)]
#[diesel(table_name = lib_chapters)]
pub(crate) struct ChapterChanges {
    title: Option<String>,
    description: Option<Option<String>>,
    is_locked: Option<bool>,
    unlock_trigger: Option<AsText<UnlockTrigger>>,
    unlock_at: Option<Option<DateTime<Utc>>>,
    unlock_threshold: Option<Option<i32>>,
    unlocked_at: Option<Option<DateTime<Utc>>>,
}

impl From<UpdateChapterRequest> for ChapterChanges {
    fn from(request: UpdateChapterRequest) -> Self {
        // A lock is one thing: another trigger takes what the one before needed and when it held with it.
        let trigger = request.unlock_trigger;
        Self {
            title: request.title,
            description: request.description,
            is_locked: trigger.map(|trigger| trigger != UnlockTrigger::None),
            unlock_trigger: trigger.map(AsText),
            unlock_at: trigger.map(|_| request.unlock_at),
            unlock_threshold: trigger.map(|_| request.unlock_threshold),
            unlocked_at: trigger.map(|_| None),
        }
    }
}

/// Puts a chapter at the end of its book.
pub(crate) async fn insert(
    connection: &mut AsyncPgConnection,
    mut chapter: NewChapter,
) -> QueryResult<Chapter> {
    let last = live(chapter.book_id).select(dsl::max(lib_chapters::sort_order));
    let last: Option<i32> = last.first(connection).await?;
    chapter.sort_order = last.map_or(0, |last| last.saturating_add(1));
    let chapter = diesel::insert_into(lib_chapters::table).values(chapter);
    chapter.returning(Chapter::as_returning()).get_result(connection).await
}

/// A live chapter, by primary key.
pub(crate) async fn find(mut connection: &AsyncPgConnection, id: Uuid) -> QueryResult<Option<Chapter>> {
    let chapter = lib_chapters::table.find(id).filter(lib_chapters::deleted_at.is_null());
    chapter.select(Chapter::as_select()).first(&mut connection).await.optional()
}

/// The live chapters of a book, in order; served by `lib_chapters_one_at_a_place`.
pub(crate) async fn list(mut connection: &AsyncPgConnection, book_id: Uuid) -> QueryResult<Vec<Chapter>> {
    live(book_id).order(lib_chapters::sort_order).select(Chapter::as_select()).load(&mut connection).await
}

/// The live chapters of a book after a place, in order; served by `lib_chapters_one_at_a_place`.
pub(crate) async fn list_page(
    mut connection: &AsyncPgConnection,
    book_id: Uuid,
    after: Option<i32>,
    limit: i64,
) -> QueryResult<Vec<Chapter>> {
    live(book_id)
        .filter(lib_chapters::sort_order.gt(after.unwrap_or(-1)))
        .order(lib_chapters::sort_order)
        .limit(limit)
        .select(Chapter::as_select())
        .load(&mut connection)
        .await
}

pub(crate) async fn update(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    changes: &ChapterChanges,
) -> QueryResult<Chapter> {
    let chapter =
        diesel::update(lib_chapters::table.find(id)).set((changes, lib_chapters::updated_at.eq(dsl::now)));
    chapter.returning(Chapter::as_returning()).get_result(connection).await
}

/// Moves the count of entries of a chapter.
pub(crate) async fn move_entry_count(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    entries: i32,
) -> QueryResult<usize> {
    diesel::update(lib_chapters::table.find(id))
        .set((
            lib_chapters::entry_count.eq(lib_chapters::entry_count + entries),
            lib_chapters::updated_at.eq(dsl::now),
        ))
        .execute(connection)
        .await
}

/// Puts all live chapters of a book in an order.
pub(crate) async fn put_in_order(connection: &mut AsyncPgConnection, ids: &[Uuid]) -> QueryResult<usize> {
    statement::<()>(
        "UPDATE lib_chapters AS chapter SET sort_order = wanted.place::int - 1, updated_at = now()
         FROM unnest($1) WITH ORDINALITY AS wanted (id, place)
         WHERE chapter.id = wanted.id AND chapter.sort_order <> wanted.place::int - 1",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .execute(connection)
    .await
}

/// Marks a chapter as deleted; its entries are the caller's.
pub(crate) async fn delete(connection: &mut AsyncPgConnection, id: Uuid) -> QueryResult<usize> {
    diesel::update(lib_chapters::table.find(id))
        .set((
            lib_chapters::deleted_at.eq(dsl::now),
            lib_chapters::updated_at.eq(dsl::now),
            lib_chapters::entry_count.eq(0),
        ))
        .execute(connection)
        .await
}

/// Unlocks chapters whose trigger was seen to hold, as they were then; once. One that has got another lock since keeps it.
pub(crate) async fn unlock(
    connection: &mut AsyncPgConnection,
    judged: &[(Uuid, DateTime<Utc>)],
) -> QueryResult<usize> {
    let (ids, changes): (Vec<Uuid>, Vec<DateTime<Utc>>) = judged.iter().copied().unzip();
    statement::<()>(
        "UPDATE lib_chapters SET is_locked = false, unlocked_at = now(), updated_at = now()
         WHERE is_locked AND (id, updated_at) IN (SELECT * FROM unnest($1, $2))",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Array<Timestamptz>, _>(changes)
    .execute(connection)
    .await
}

/// Unlocks every chapter whose trigger holds, for those that nobody reads. Served by `lib_chapters_waiting`.
pub(crate) async fn unlock_due(database: Database) -> Result<String, DatabaseError> {
    let unlocked = statement::<()>(
        "UPDATE lib_chapters AS chapter SET is_locked = false, unlocked_at = now(), updated_at = now()
         FROM lib_books AS book
         LEFT JOIN lib_user_library AS reading ON reading.book_id = book.id AND reading.user_id = book.user_id
         WHERE book.id = chapter.book_id AND chapter.is_locked AND chapter.deleted_at IS NULL
             AND CASE chapter.unlock_trigger
                 WHEN 'date' THEN chapter.unlock_at <= now()
                 WHEN 'entries' THEN book.entry_count >= chapter.unlock_threshold
                 WHEN 'progress' THEN reading.reading_progress * 100 >= chapter.unlock_threshold
             END",
    );
    let unlocked = unlocked.execute(&mut database.connection().await?).await?;
    Ok(format!("{unlocked} chapters unlocked"))
}

#[dsl::auto_type(no_type_alias)]
fn live(book_id: Uuid) -> _ {
    lib_chapters::table.filter(lib_chapters::book_id.eq(book_id)).filter(lib_chapters::deleted_at.is_null())
}

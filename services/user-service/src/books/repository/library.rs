//! How far people have read.

use chrono::{DateTime, Utc};
use contracts::user::{LibraryBookResponse, ReadingProgressResponse};
use database::statement;
use diesel::dsl;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Double, Nullable, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::Book;
use crate::schema::{lib_books, lib_user_library};

/// A row of `lib_user_library`.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = lib_user_library, check_for_backend(diesel::pg::Pg))]
pub(crate) struct Progress {
    book_id: Uuid,
    last_chapter_id: Option<Uuid>,
    last_entry_id: Option<Uuid>,
    pub(crate) reading_progress: f64,
    pub(crate) last_accessed_at: DateTime<Utc>,
    completed_at: Option<DateTime<Utc>>,
}

impl From<Progress> for ReadingProgressResponse {
    fn from(progress: Progress) -> Self {
        Self {
            book_id: progress.book_id,
            last_chapter_id: progress.last_chapter_id,
            last_entry_id: progress.last_entry_id,
            reading_progress: progress.reading_progress,
            last_accessed_at: progress.last_accessed_at,
            completed_at: progress.completed_at,
        }
    }
}

/// Where a reader is in a book, by primary key.
pub(crate) async fn find(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    book_id: Uuid,
) -> QueryResult<Option<Progress>> {
    let progress = lib_user_library::table.find((user_id, book_id)).select(Progress::as_select());
    progress.first(&mut connection).await.optional()
}

/// Notes where a reader is. The first time that the end was reached stays.
pub(crate) async fn upsert(
    connection: &mut AsyncPgConnection,
    (user_id, book_id): (Uuid, Uuid),
    place: Option<(Uuid, Uuid)>,
    share: f64,
) -> QueryResult<()> {
    let (chapter_id, entry_id) = place.unzip();
    statement::<()>(
        "INSERT INTO lib_user_library AS reading
             (user_id, book_id, last_chapter_id, last_entry_id, reading_progress, last_accessed_at, completed_at)
         VALUES ($1, $2, $3, $4, $5, now(), CASE WHEN $5 >= 1 THEN now() END)
         ON CONFLICT (user_id, book_id) DO UPDATE SET
             last_chapter_id = coalesce(excluded.last_chapter_id, reading.last_chapter_id),
             last_entry_id = coalesce(excluded.last_entry_id, reading.last_entry_id),
             reading_progress = excluded.reading_progress, last_accessed_at = now(),
             completed_at = coalesce(reading.completed_at, excluded.completed_at)",
    )
    .bind::<SqlUuid, _>(user_id)
    .bind::<SqlUuid, _>(book_id)
    .bind::<Nullable<SqlUuid>, _>(chapter_id)
    .bind::<Nullable<SqlUuid>, _>(entry_id)
    .bind::<Double, _>(share)
    .execute(connection)
    .await?;
    Ok(())
}

/// The books that a person reads and may still read, the last read first; served by `lib_user_library_by_access`.
pub(crate) async fn list(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    (before, book): (DateTime<Utc>, Uuid),
    limit: i64,
) -> QueryResult<Vec<LibraryBookResponse>> {
    use lib_user_library as library;
    let rows: Vec<(Progress, Book)> = library::table
        .inner_join(lib_books::table.on(lib_books::id.eq(library::book_id)))
        .filter(library::user_id.eq(user_id))
        .filter(
            library::last_accessed_at
                .lt(before)
                .or(library::last_accessed_at.eq(before).and(library::book_id.lt(book))),
        )
        .filter(lib_books::deleted_at.is_null())
        .filter(
            lib_books::user_id.eq(library::user_id).or(dsl::sql::<Bool>(
                "(lib_books.status = 'active' AND (lib_books.visibility = 'public' OR (lib_books.visibility = 'shared'
                  AND EXISTS (SELECT FROM usr_creator_members AS member WHERE member.creator_id = lib_books.user_id
                      AND member.member_id = lib_user_library.user_id AND member.status = 'accepted'))))",
            )),
        )
        .order((library::last_accessed_at.desc(), library::book_id.desc()))
        .limit(limit)
        .select((Progress::as_select(), Book::as_select()))
        .load(&mut connection)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(progress, book)| LibraryBookResponse { progress: progress.into(), book: book.into() })
        .collect())
}

/// The share of a book that is read with an entry of it; `None` when the entry is not of the book. Served by
/// `lib_entries_of_book`.
pub(crate) async fn share_of_entry(
    connection: &mut AsyncPgConnection,
    book_id: Uuid,
    entry_id: Uuid,
) -> QueryResult<Option<(Uuid, f64)>> {
    statement::<(SqlUuid, Double)>(
        "SELECT chapter_id, place::double precision / entries FROM (
             SELECT entry.id, entry.chapter_id, count(*) OVER () AS entries,
                    row_number() OVER (ORDER BY chapter.sort_order, entry.sort_order) AS place
             FROM lib_entries AS entry JOIN lib_chapters AS chapter ON chapter.id = entry.chapter_id
             WHERE entry.book_id = $1 AND entry.deleted_at IS NULL) AS placed
         WHERE id = $2",
    )
    .bind::<SqlUuid, _>(book_id)
    .bind::<SqlUuid, _>(entry_id)
    .get_result(connection)
    .await
    .optional()
}

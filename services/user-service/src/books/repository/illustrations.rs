//! Rows of pictures in books.

use chrono::{DateTime, Utc};
use contracts::IllustrationType;
use contracts::user::{CreateIllustrationRequest, IllustrationResponse, UpdateIllustrationRequest};
use database::{AsText, statement};
use diesel::dsl;
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Integer, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::entries::repository::Which;
use crate::pictures::Size;
use crate::schema::lib_illustrations;

/// A row of `lib_illustrations`.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = lib_illustrations, check_for_backend(diesel::pg::Pg))]
pub(crate) struct Illustration {
    pub(crate) id: Uuid,
    book_id: Option<Uuid>,
    chapter_id: Option<Uuid>,
    entry_id: Option<Uuid>,
    pub(crate) file_id: Uuid,
    alt_text: Option<String>,
    illustration_type: AsText<IllustrationType>,
    sort_order: i32,
    width: Option<i32>,
    height: Option<i32>,
    created_at: DateTime<Utc>,
}

impl From<Illustration> for IllustrationResponse {
    fn from(illustration: Illustration) -> Self {
        Self {
            id: illustration.id,
            book_id: illustration.book_id,
            chapter_id: illustration.chapter_id,
            entry_id: illustration.entry_id,
            file_id: illustration.file_id,
            alt_text: illustration.alt_text,
            illustration_type: illustration.illustration_type.0,
            sort_order: illustration.sort_order,
            width: illustration.width,
            height: illustration.height,
            created_at: illustration.created_at,
        }
    }
}

impl Illustration {
    /// Where it stands in the list of its book.
    pub(crate) fn place(&self) -> Place {
        (self.book_id.is_none(), self.sort_order, self.id)
    }
}

/// A picture to be put into a book.
#[derive(Debug, Insertable)]
#[diesel(table_name = lib_illustrations)]
pub(crate) struct NewIllustration {
    id: Uuid,
    user_id: Uuid,
    book_id: Option<Uuid>,
    chapter_id: Option<Uuid>,
    entry_id: Option<Uuid>,
    file_id: Uuid,
    alt_text: Option<String>,
    illustration_type: AsText<IllustrationType>,
    sort_order: i32,
    width: Option<i32>,
    height: Option<i32>,
}

impl NewIllustration {
    pub(crate) fn new(
        (user_id, book_id): (Uuid, Uuid),
        request: CreateIllustrationRequest,
        size: Option<Size>,
    ) -> Self {
        let of_whole = request.chapter_id.is_none() && request.entry_id.is_none();
        Self {
            id: contracts::ids::new_id(),
            user_id,
            book_id: of_whole.then_some(book_id),
            chapter_id: request.chapter_id,
            entry_id: request.entry_id,
            file_id: request.file_id,
            alt_text: request.alt_text,
            illustration_type: AsText(request.illustration_type.unwrap_or(IllustrationType::Picture)),
            sort_order: 0,
            width: size.map(|(width, _)| width),
            height: size.map(|(_, height)| height),
        }
    }
}

/// Puts a picture after the others of its parent.
pub(crate) async fn insert(
    connection: &mut AsyncPgConnection,
    mut illustration: NewIllustration,
) -> QueryResult<Illustration> {
    let last: Option<i32> = lib_illustrations::table
        .filter(lib_illustrations::book_id.is_not_distinct_from(illustration.book_id))
        .filter(lib_illustrations::chapter_id.is_not_distinct_from(illustration.chapter_id))
        .filter(lib_illustrations::entry_id.is_not_distinct_from(illustration.entry_id))
        .filter(lib_illustrations::user_id.eq(illustration.user_id))
        .select(dsl::max(lib_illustrations::sort_order))
        .first(connection)
        .await?;
    illustration.sort_order = last.map_or(0, |last| last.saturating_add(1));
    let illustration = diesel::insert_into(lib_illustrations::table).values(illustration);
    illustration.returning(Illustration::as_returning()).get_result(connection).await
}

/// Notes how large pictures are, as storage-service found; served by `lib_illustrations_of_file`.
pub(crate) async fn set_sizes(
    connection: &mut AsyncPgConnection,
    sizes: &[(Uuid, Size)],
) -> QueryResult<usize> {
    if sizes.is_empty() {
        return Ok(0);
    }
    let files: Vec<Uuid> = sizes.iter().map(|(file_id, _)| *file_id).collect();
    let widths: Vec<i32> = sizes.iter().map(|(_, (width, _))| *width).collect();
    let heights: Vec<i32> = sizes.iter().map(|(_, (_, height))| *height).collect();
    // Of a picture that was probed twice the last word counts.
    statement::<()>(
        "UPDATE lib_illustrations AS illustration SET width = found.width, height = found.height
         FROM (SELECT DISTINCT ON (file_id) file_id, width, height
               FROM unnest($1, $2, $3) WITH ORDINALITY AS each (file_id, width, height, place)
               ORDER BY file_id, place DESC) AS found
         WHERE illustration.file_id = found.file_id
             AND (illustration.width, illustration.height) IS DISTINCT FROM (found.width, found.height)",
    )
    .bind::<Array<SqlUuid>, _>(files)
    .bind::<Array<Integer>, _>(widths)
    .bind::<Array<Integer>, _>(heights)
    .execute(connection)
    .await
}

/// Where a picture stands in the list of a book: whether it belongs to a part, its place there, its id.
pub(crate) type Place = (bool, i32, Uuid);

/// The pictures of a book, its live chapters and entries after a place, those of the whole first.
pub(crate) async fn list(
    connection: &AsyncPgConnection,
    book_id: Uuid,
    after: Option<Place>,
    limit: i64,
) -> QueryResult<Vec<Illustration>> {
    let ids = ids_of_book(connection, book_id).await?;
    let (is_of_part, sort_order, id) = after.unwrap_or((false, -1, Uuid::nil()));
    let is_after = dsl::sql::<Bool>(
        "(lib_illustrations.book_id IS NULL, lib_illustrations.sort_order, lib_illustrations.id) > (",
    );
    let is_after = is_after.bind::<Bool, _>(is_of_part).sql(", ").bind::<Integer, _>(sort_order).sql(", ");
    lib_illustrations::table
        .filter(lib_illustrations::id.eq_any(ids))
        .filter(is_after.bind::<SqlUuid, _>(id).sql(")"))
        .order((lib_illustrations::book_id.is_null(), lib_illustrations::sort_order, lib_illustrations::id))
        .limit(limit)
        .select(Illustration::as_select())
        .load(&mut &*connection)
        .await
}

/// A picture of a book, its live chapters and entries.
pub(crate) async fn find(
    connection: &AsyncPgConnection,
    book_id: Uuid,
    id: Uuid,
) -> QueryResult<Option<Illustration>> {
    // Asked from the picture's side, by primary keys: a book may have thousands.
    let is_of_book = statement::<SqlUuid>(
        "SELECT id FROM lib_illustrations AS own WHERE own.id = $2 AND (
             own.book_id = $1
             OR EXISTS (SELECT FROM lib_chapters AS parent
                        WHERE parent.id = own.chapter_id AND parent.book_id = $1 AND parent.deleted_at IS NULL)
             OR EXISTS (SELECT FROM lib_entries AS parent
                        WHERE parent.id = own.entry_id AND parent.book_id = $1 AND parent.deleted_at IS NULL))",
    );
    let known = is_of_book.bind::<SqlUuid, _>(book_id).bind::<SqlUuid, _>(id);
    let known: Vec<Uuid> = known.load(&mut &*connection).await?;
    let illustration = lib_illustrations::table.filter(lib_illustrations::id.eq_any(known));
    illustration.select(Illustration::as_select()).first(&mut &*connection).await.optional()
}

/// What a patch changes; `None` leaves a column as it is.
#[derive(Debug, AsChangeset)]
#[diesel(table_name = lib_illustrations)]
pub(crate) struct IllustrationChanges {
    alt_text: Option<Option<String>>,
    illustration_type: Option<AsText<IllustrationType>>,
}

impl From<UpdateIllustrationRequest> for IllustrationChanges {
    fn from(request: UpdateIllustrationRequest) -> Self {
        Self { alt_text: request.alt_text, illustration_type: request.illustration_type.map(AsText) }
    }
}

pub(crate) async fn update(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    changes: &IllustrationChanges,
) -> QueryResult<Illustration> {
    let illustration = diesel::update(lib_illustrations::table.find(id)).set(changes);
    illustration.returning(Illustration::as_returning()).get_result(connection).await
}

/// Takes a picture out of its book.
pub(crate) async fn delete(connection: &mut AsyncPgConnection, id: Uuid) -> QueryResult<usize> {
    diesel::delete(lib_illustrations::table.find(id)).execute(connection).await
}

/// The pictures that go with entries, alone or with their chapter or book; served by an index for each kind of parent.
pub(crate) async fn list_with(mut connection: &AsyncPgConnection, which: Which) -> QueryResult<Vec<Uuid>> {
    let (pictures, id) = match which {
        Which::Entry(id) => ("SELECT id FROM lib_illustrations WHERE entry_id = $1", id),
        Which::OfChapter(id) => (
            "SELECT id FROM lib_illustrations WHERE chapter_id = $1
             UNION ALL SELECT own.id FROM lib_entries AS parent JOIN lib_illustrations AS own ON own.entry_id = parent.id
             WHERE parent.chapter_id = $1 AND parent.deleted_at IS NULL",
            id,
        ),
        Which::OfBook(id) => return ids_of_book(connection, id).await,
    };
    statement::<SqlUuid>(pictures).bind::<SqlUuid, _>(id).load(&mut connection).await
}

/// Served by an index for each kind of parent.
async fn ids_of_book(mut connection: &AsyncPgConnection, book_id: Uuid) -> QueryResult<Vec<Uuid>> {
    statement::<SqlUuid>(
        "SELECT id FROM lib_illustrations WHERE book_id = $1
         UNION ALL SELECT own.id FROM lib_chapters AS parent JOIN lib_illustrations AS own ON own.chapter_id = parent.id
         WHERE parent.book_id = $1 AND parent.deleted_at IS NULL
         UNION ALL SELECT own.id FROM lib_entries AS parent JOIN lib_illustrations AS own ON own.entry_id = parent.id
         WHERE parent.book_id = $1 AND parent.deleted_at IS NULL",
    )
    .bind::<SqlUuid, _>(book_id)
    .load(&mut connection)
    .await
}

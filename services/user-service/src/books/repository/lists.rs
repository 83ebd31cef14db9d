//! Rows of books.

use chrono::{DateTime, Utc};
use contracts::user::{BookResponse, CreateBookRequest, UpdateBookRequest};
use contracts::{BookScope, BookStatus, Visibility};
use database::{AsText, statement};
use diesel::dsl;
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::schema::lib_books;

/// A row of `lib_books`.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = lib_books, check_for_backend(diesel::pg::Pg))]
pub(crate) struct Book {
    pub(crate) id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) title: String,
    pub(crate) subtitle: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) author: Option<String>,
    category: Option<String>,
    language: Option<String>,
    pub(crate) visibility: AsText<Visibility>,
    pub(crate) status: AsText<BookStatus>,
    pub(crate) cover_file_id: Option<Uuid>,
    chapter_count: i32,
    pub(crate) entry_count: i32,
    pub(crate) is_read_only: bool,
    is_system: bool,
    system_type: Option<String>,
    published_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

impl From<Book> for BookResponse {
    fn from(book: Book) -> Self {
        Self {
            id: book.id,
            user_id: book.user_id,
            title: book.title,
            subtitle: book.subtitle,
            description: book.description,
            author: book.author,
            category: book.category,
            language: book.language,
            visibility: book.visibility.0,
            status: book.status.0,
            cover_file_id: book.cover_file_id,
            chapter_count: book.chapter_count,
            entry_count: book.entry_count,
            is_read_only: book.is_read_only,
            is_system: book.is_system,
            system_type: book.system_type,
            published_at: book.published_at,
            created_at: book.created_at,
            updated_at: book.updated_at,
        }
    }
}

/// A book to be made.
#[derive(Debug, Insertable)]
#[diesel(table_name = lib_books)]
pub(crate) struct NewBook {
    id: Uuid,
    user_id: Uuid,
    title: String,
    subtitle: Option<String>,
    description: Option<String>,
    author: Option<String>,
    category: Option<String>,
    language: Option<String>,
    pub(crate) visibility: AsText<Visibility>,
    status: AsText<BookStatus>,
    pub(crate) cover_file_id: Option<Uuid>,
    chapter_count: i32,
    entry_count: i32,
    is_read_only: bool,
    is_system: bool,
    system_type: Option<String>,
}

impl NewBook {
    pub(crate) fn new(user_id: Uuid, request: CreateBookRequest) -> Self {
        Self {
            id: contracts::ids::new_id(),
            user_id,
            title: request.title,
            subtitle: request.subtitle,
            description: request.description,
            author: request.author,
            category: request.category,
            language: request.language,
            visibility: AsText(request.visibility.unwrap_or(Visibility::Personal)),
            status: AsText(BookStatus::Draft),
            cover_file_id: request.cover_file_id,
            chapter_count: 0,
            entry_count: 0,
            is_read_only: request.is_read_only,
            is_system: request.is_system,
            system_type: request.system_type,
        }
    }

    /// Whether it comes with the service, and what apps know it for.
    pub(crate) fn system(&self) -> (bool, Option<&str>) {
        (self.is_system, self.system_type.as_deref())
    }
}

/// What a patch changes; `None` leaves a column as it is.
#[derive(Debug, AsChangeset)]
#[diesel(table_name = lib_books)]
pub(crate) struct BookChanges {
    title: Option<String>,
    subtitle: Option<Option<String>>,
    description: Option<Option<String>>,
    author: Option<Option<String>>,
    category: Option<Option<String>>,
    language: Option<Option<String>>,
    visibility: Option<AsText<Visibility>>,
    cover_file_id: Option<Option<Uuid>>,
    is_read_only: Option<bool>,
    is_system: Option<bool>,
    system_type: Option<Option<String>>,
}

impl BookChanges {
    /// Whether it will come with the service, and what apps will know it for.
    pub(crate) fn system_of<'a>(&'a self, before: &'a Book) -> (bool, Option<&'a str>) {
        let kind = self.system_type.as_ref().unwrap_or(&before.system_type);
        (self.is_system.unwrap_or(before.is_system), kind.as_deref())
    }
}

impl From<UpdateBookRequest> for BookChanges {
    fn from(request: UpdateBookRequest) -> Self {
        Self {
            title: request.title,
            subtitle: request.subtitle,
            description: request.description,
            author: request.author,
            category: request.category,
            language: request.language,
            visibility: request.visibility.map(AsText),
            cover_file_id: request.cover_file_id,
            is_read_only: request.is_read_only,
            is_system: request.is_system,
            system_type: request.system_type,
        }
    }
}

/// Which books a list holds.
#[derive(Debug)]
pub(crate) struct Filter {
    pub(crate) scope: BookScope,
    /// Who asks.
    pub(crate) caller_id: Uuid,
    pub(crate) status: Option<BookStatus>,
    pub(crate) system_type: Option<String>,
    /// Each the beginning of a word of what is said of it.
    pub(crate) words: Option<Vec<String>>,
}

/// Breaks `lib_books_title_key` when the owner has a live book of this title.
pub(crate) async fn insert(connection: &mut AsyncPgConnection, book: &NewBook) -> QueryResult<Book> {
    let book = diesel::insert_into(lib_books::table).values(book);
    book.returning(Book::as_returning()).get_result(connection).await
}

/// A live book, by primary key.
pub(crate) async fn find(mut connection: &AsyncPgConnection, id: Uuid) -> QueryResult<Option<Book>> {
    let book = lib_books::table.find(id).filter(lib_books::deleted_at.is_null());
    book.select(Book::as_select()).first(&mut connection).await.optional()
}

/// Live books before the one named `after`, the newest first; served by `lib_books_of_user`, `lib_books_public`,
/// `lib_books_of_system_type` and `lib_books_by_words`.
pub(crate) async fn list(
    mut connection: &AsyncPgConnection,
    filter: &Filter,
    after: Option<Uuid>,
    limit: i64,
) -> QueryResult<Vec<Book>> {
    // Boxed: each scope has an index and so a plan of its own.
    let mut books = lib_books::table
        .filter(lib_books::deleted_at.is_null())
        .filter(lib_books::id.lt(after.unwrap_or(Uuid::max())))
        .order(lib_books::id.desc())
        .limit(limit)
        .select(Book::as_select())
        .into_boxed();
    books = match filter.scope {
        BookScope::Mine => books.filter(lib_books::user_id.eq(filter.caller_id)),
        BookScope::Shared => {
            let circles = dsl::sql::<Bool>(
                "lib_books.visibility = 'shared' AND lib_books.status = 'active' AND lib_books.user_id IN (
                     SELECT creator_id FROM usr_creator_members WHERE status = 'accepted' AND member_id = ",
            );
            books.filter(circles.bind::<SqlUuid, _>(filter.caller_id).sql(")"))
        }
        // In words, not as parameters: a plan that is made for all parameters could not use the partial index.
        BookScope::Public => {
            books.filter(dsl::sql::<Bool>("lib_books.visibility = 'public' AND lib_books.status = 'active'"))
        }
    };
    if let Some(status) = filter.status {
        books = books.filter(lib_books::status.eq(AsText(status)));
    }
    if let Some(system_type) = &filter.system_type {
        books = books.filter(lib_books::system_type.eq(system_type));
    }
    if let Some(words) = &filter.words {
        // As for entries: folded one by one and quoted then.
        let found = dsl::sql::<Bool>(
            "to_tsvector('simple', lib_fold(lib_books.title || ' ' || coalesce(lib_books.subtitle, '') || ' '
                 || coalesce(lib_books.author, '') || ' ' || coalesce(lib_books.description, '')))
             @@ to_tsquery('simple', (
                 SELECT string_agg(quote_literal(lib_fold(word)) || ':*', ' & ') FROM unnest(",
        );
        books = books.filter(found.bind::<Array<Text>, _>(words.clone()).sql(") AS word))"));
    }
    books.load(&mut connection).await
}

/// Changes a live book. Breaks `lib_books_title_key` when the owner has another of this title.
pub(crate) async fn update(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    changes: &BookChanges,
) -> QueryResult<Book> {
    let book = diesel::update(lib_books::table.find(id)).set((changes, lib_books::updated_at.eq(dsl::now)));
    book.returning(Book::as_returning()).get_result(connection).await
}

/// Moves a book to another state of its life. The first time it is published stays.
pub(crate) async fn set_status(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    status: BookStatus,
) -> QueryResult<Book> {
    let published = dsl::sql::<diesel::sql_types::Nullable<diesel::sql_types::Timestamptz>>(match status {
        BookStatus::Active => "coalesce(published_at, now())",
        BookStatus::Draft | BookStatus::Archived => "published_at",
    });
    let book = diesel::update(lib_books::table.find(id)).set((
        lib_books::status.eq(AsText(status)),
        lib_books::published_at.eq(published),
        lib_books::updated_at.eq(dsl::now),
    ));
    book.returning(Book::as_returning()).get_result(connection).await
}

/// Moves the counts of chapters and entries of a book.
pub(crate) async fn move_counts(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    (chapters, entries): (i32, i32),
) -> QueryResult<usize> {
    diesel::update(lib_books::table.find(id))
        .set((
            lib_books::chapter_count.eq(lib_books::chapter_count + chapters),
            lib_books::entry_count.eq(lib_books::entry_count + entries),
            lib_books::updated_at.eq(dsl::now),
        ))
        .execute(connection)
        .await
}

/// Marks a book and its chapters as deleted; its entries are the caller's.
pub(crate) async fn delete(connection: &mut AsyncPgConnection, id: Uuid) -> QueryResult<usize> {
    statement::<()>(
        "WITH chapters AS (
             UPDATE lib_chapters SET deleted_at = now(), updated_at = now(), entry_count = 0
             WHERE book_id = $1 AND deleted_at IS NULL)
         UPDATE lib_books SET deleted_at = now(), updated_at = now(), chapter_count = 0, entry_count = 0 WHERE id = $1",
    )
    .bind::<SqlUuid, _>(id)
    .execute(connection)
    .await
}

//! Which files of storage-service avatars, covers and illustrations use, told in the transaction of each change: a file that nothing
//! uses goes after a while.

use contracts::{FileOwner, FileRole};
use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use outbox::FileUsers;
use uuid::Uuid;

use crate::books::repository::{self as books, Book};
use crate::entries::repository::Which;
use crate::events::OUTBOX;

const ACCOUNTS: FileUsers = FileUsers {
    kind: FileOwner::Account,
    roles: [FileRole::Avatar, FileRole::Avatar],
    rows: "SELECT id, avatar_file_id, NULL::uuid FROM usr_accounts AS thing WHERE true",
};
const BOOKS: FileUsers = FileUsers {
    kind: FileOwner::Book,
    roles: [FileRole::Cover, FileRole::Cover],
    rows: "SELECT id, CASE WHEN deleted_at IS NULL THEN cover_file_id END, NULL::uuid FROM lib_books AS thing WHERE true",
};
const ILLUSTRATIONS: FileUsers = FileUsers {
    kind: FileOwner::Illustration,
    roles: [FileRole::Illustration, FileRole::Illustration],
    rows: "SELECT id, CASE WHEN
               NOT EXISTS (SELECT FROM lib_books AS parent WHERE parent.id = thing.book_id AND parent.deleted_at IS NOT NULL)
               AND NOT EXISTS (SELECT FROM lib_chapters AS parent
                               WHERE parent.id = thing.chapter_id AND parent.deleted_at IS NOT NULL)
               AND NOT EXISTS (SELECT FROM lib_entries AS parent
                               WHERE parent.id = thing.entry_id AND parent.deleted_at IS NOT NULL) THEN file_id END, NULL::uuid
           FROM lib_illustrations AS thing WHERE true",
};

/// What uses files.
pub(crate) const USERS: [FileUsers; 3] = [ACCOUNTS, BOOKS, ILLUSTRATIONS];

/// Tells a person's picture where it is another than before.
pub(crate) async fn tell_avatar(
    connection: &mut AsyncPgConnection,
    before: Option<Uuid>,
    (user_id, avatar): (Uuid, Option<Uuid>),
) -> QueryResult<()> {
    if before == avatar {
        return Ok(());
    }
    OUTBOX.tell_files(connection, vec![ACCOUNTS.thing(user_id, [avatar, None])]).await
}

/// Tells the cover of a book where it is another than before.
pub(crate) async fn tell_cover(
    connection: &mut AsyncPgConnection,
    before: Option<Uuid>,
    (book_id, cover): (Uuid, Option<Uuid>),
) -> QueryResult<()> {
    if before == cover {
        return Ok(());
    }
    OUTBOX.tell_files(connection, vec![BOOKS.thing(book_id, [cover, None])]).await
}

/// Tells the file of a picture in a book; none when it was taken out.
pub(crate) async fn tell_picture(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    file_id: Option<Uuid>,
) -> QueryResult<()> {
    OUTBOX.tell_files(connection, vec![ILLUSTRATIONS.thing(id, [file_id, None])]).await
}

/// Before a book goes: its cover, and all pictures in it.
pub(crate) async fn release_book(connection: &mut AsyncPgConnection, book: &Book) -> QueryResult<()> {
    tell_cover(connection, book.cover_file_id, (book.id, None)).await?;
    release_pictures(connection, Which::OfBook(book.id)).await
}

/// Before entries go, alone or with their chapter: the pictures in them and in it.
pub(crate) async fn release_pictures(connection: &mut AsyncPgConnection, which: Which) -> QueryResult<()> {
    let gone = books::list_illustrations_with(connection, which).await?;
    let things = gone.into_iter().map(|id| ILLUSTRATIONS.thing(id, [None, None])).collect();
    OUTBOX.tell_files(connection, things).await
}

//! Which files of storage-service the things of the library use, told in the transaction of each change: a file that nothing
//! uses goes after a while. Renditions are versions of their track's file.

use contracts::events::FilesReferenced;
use contracts::{FileOwner, FileRole};
use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use outbox::FileUsers;
use uuid::Uuid;

use crate::events::OUTBOX;

const ROLES: [FileRole; 2] = [FileRole::Sound, FileRole::Artwork];

const TRACKS: FileUsers = FileUsers {
    kind: FileOwner::Track,
    roles: ROLES,
    rows: "SELECT id, CASE WHEN deleted_at IS NULL THEN file_id END, CASE WHEN deleted_at IS NULL THEN artwork_file_id END
           FROM mus_tracks AS thing WHERE true",
};
const ALBUMS: FileUsers = FileUsers {
    kind: FileOwner::Album,
    roles: ROLES,
    rows: "SELECT id, NULL::uuid, CASE WHEN deleted_at IS NULL THEN artwork_file_id END FROM mus_albums AS thing WHERE true",
};
const PLAYLISTS: FileUsers = FileUsers {
    kind: FileOwner::Playlist,
    roles: ROLES,
    rows: "SELECT id, NULL::uuid, CASE WHEN deleted_at IS NULL THEN artwork_file_id END FROM mus_playlists AS thing WHERE true",
};

/// What uses files.
pub(crate) const USERS: [FileUsers; 3] = [TRACKS, ALBUMS, PLAYLISTS];

/// The files of a thing: what is heard, and its picture.
pub(crate) fn uses(kind: FileOwner, id: Uuid, files: [Option<Uuid>; 2]) -> FilesReferenced {
    let users = match kind {
        FileOwner::Track => TRACKS,
        FileOwner::Album => ALBUMS,
        _ => PLAYLISTS,
    };
    users.thing(id, files)
}

/// Tells the picture of a thing where it is another than before. The caller holds the thing.
pub(crate) async fn tell_change(
    connection: &mut AsyncPgConnection,
    before: Option<Uuid>,
    (kind, id, artwork): (FileOwner, Uuid, Option<Uuid>),
) -> QueryResult<()> {
    if before == artwork {
        return Ok(());
    }
    OUTBOX.tell_files(connection, vec![uses(kind, id, [None, artwork])]).await
}

/// Tells that things are gone that used files.
pub(crate) async fn release_all(
    connection: &mut AsyncPgConnection,
    kind: FileOwner,
    ids: &[Uuid],
) -> QueryResult<()> {
    OUTBOX.tell_files(connection, ids.iter().map(|id| uses(kind, *id, [None, None])).collect()).await
}

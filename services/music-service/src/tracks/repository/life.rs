//! The end of tracks, and their coming back.

use chrono::{DateTime, Utc};
use contracts::events::TrackChanged;
use contracts::{EventType, FileOwner, TrackStatus};
use database::AsText;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::{Track, live};
use crate::events::OUTBOX;
use crate::references;
use crate::schema::{mus_albums, mus_tracks};

/// A track, deleted or not, held until the transaction ends.
pub(crate) async fn lock_any(connection: &mut AsyncPgConnection, id: Uuid) -> QueryResult<Option<Track>> {
    let track = mus_tracks::table.find(id).select(Track::as_select());
    track.for_no_key_update().first(connection).await.optional()
}

/// Brings a deleted track back that the caller holds, on its album or, when that is gone, on none.
pub(crate) async fn restore(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    album_id: Option<Uuid>,
    (by, now): (Uuid, DateTime<Utc>),
) -> QueryResult<Track> {
    diesel::update(mus_tracks::table.find(id))
        .set((
            mus_tracks::status.eq(AsText(TrackStatus::Active)),
            mus_tracks::album_id.eq(album_id),
            mus_tracks::deleted_at.eq(None::<DateTime<Utc>>),
            mus_tracks::updated_by.eq(by),
            mus_tracks::updated_at.eq(now),
        ))
        .returning(Track::as_returning())
        .get_result(connection)
        .await
}

/// Holds the tracks that were deleted with their album.
pub(crate) async fn lock_deleted_with_album(
    connection: &mut AsyncPgConnection,
    album_id: Uuid,
) -> QueryResult<Vec<Uuid>> {
    let deleted_at = mus_albums::table.find(album_id).select(mus_albums::deleted_at).single_value();
    mus_tracks::table
        .filter(mus_tracks::album_id.eq(album_id))
        .filter(mus_tracks::deleted_at.eq(deleted_at))
        .order(mus_tracks::id)
        .select(mus_tracks::id)
        .for_no_key_update()
        .load(connection)
        .await
}

/// Brings deleted tracks back that the caller holds.
pub(crate) async fn restore_all(
    connection: &mut AsyncPgConnection,
    ids: &[Uuid],
    (by, now): (Uuid, DateTime<Utc>),
) -> QueryResult<Vec<Track>> {
    diesel::update(mus_tracks::table.filter(mus_tracks::id.eq_any(ids)))
        .set((
            mus_tracks::status.eq(AsText(TrackStatus::Active)),
            mus_tracks::deleted_at.eq(None::<DateTime<Utc>>),
            mus_tracks::updated_by.eq(by),
            mus_tracks::updated_at.eq(now),
        ))
        .returning(Track::as_returning())
        .get_results(connection)
        .await
}

/// Tells of tracks, each in the transaction of its change; with their files, when they come or go.
pub(crate) async fn tell(
    connection: &mut AsyncPgConnection,
    kind: EventType,
    tracks: &[Track],
) -> QueryResult<()> {
    let event = |track: &Track| TrackChanged {
        user_id: track.user_id,
        track_id: track.id,
        file_id: track.file_id,
        artwork_file_id: track.artwork_file_id,
    };
    let events = tracks.iter().map(|track| (track.id, event(track))).collect();
    OUTBOX.enqueue(connection, kind, events).await?;
    match kind {
        EventType::TrackCreated => tell_files(connection, tracks).await,
        EventType::TrackDeleted => {
            let ids: Vec<Uuid> = tracks.iter().map(|track| track.id).collect();
            references::release_all(connection, FileOwner::Track, &ids).await
        }
        _ => Ok(()),
    }
}

/// Tells which files tracks use now.
pub(crate) async fn tell_files(connection: &mut AsyncPgConnection, tracks: &[Track]) -> QueryResult<()> {
    let uses = |track: &Track| {
        references::uses(FileOwner::Track, track.id, [Some(track.file_id), track.artwork_file_id])
    };
    OUTBOX.tell_files(connection, tracks.iter().map(uses).collect()).await
}

/// Marks a track that the caller holds as deleted.
pub(crate) async fn delete(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    (by, now): (Uuid, DateTime<Utc>),
) -> QueryResult<usize> {
    diesel::update(live().filter(mus_tracks::id.eq(id)))
        .set((
            mus_tracks::status.eq(AsText(TrackStatus::Deleted)),
            mus_tracks::deleted_at.eq(now),
            mus_tracks::updated_by.eq(by),
            mus_tracks::updated_at.eq(now),
        ))
        .execute(connection)
        .await
}

/// Marks the tracks of an album that the caller holds as deleted, and gives them.
pub(crate) async fn delete_of_album(
    connection: &mut AsyncPgConnection,
    album_id: Uuid,
    (by, now): (Uuid, DateTime<Utc>),
) -> QueryResult<Vec<Track>> {
    diesel::update(live().filter(mus_tracks::album_id.eq(album_id)))
        .set((
            mus_tracks::status.eq(AsText(TrackStatus::Deleted)),
            mus_tracks::deleted_at.eq(now),
            mus_tracks::updated_by.eq(by),
            mus_tracks::updated_at.eq(now),
        ))
        .returning(Track::as_returning())
        .get_results(connection)
        .await
}

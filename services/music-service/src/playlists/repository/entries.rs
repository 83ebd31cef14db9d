//! Rows of tracks on playlists. Whoever writes them holds the playlist.

use chrono::{DateTime, Utc};
use contracts::TrackStatus;
use contracts::music::PlaylistTrackResponse;
use database::{AsJson, AsText, statement};
use diesel::prelude::*;
use diesel::sql_types::{Array, Integer, Nullable, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::schema::{mus_playlist_tracks, mus_playlists, mus_tracks};
use crate::tracks::repository::Track;
use crate::visibility::{Viewer, VisibleTo};

/// Tracks on a playlist at most.
pub(crate) const MAX_TRACKS: i32 = 10_000;

/// A row of `mus_playlist_tracks` with its track.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = mus_playlist_tracks, check_for_backend(diesel::pg::Pg))]
pub(crate) struct Entry {
    pub(crate) position: i32,
    added_by: Uuid,
    added_at: DateTime<Utc>,
    play_count: i64,
    last_played_at: Option<DateTime<Utc>>,
    metadata: AsJson<Map<String, Value>>,
    #[diesel(embed)]
    pub(crate) track: Track,
}

impl Entry {
    /// As a reader sees it, who may not see every track before it.
    pub(crate) fn response(self, position: i32) -> PlaylistTrackResponse {
        PlaylistTrackResponse {
            position,
            added_by: Some(self.added_by),
            added_at: Some(self.added_at),
            play_count: self.play_count,
            last_played_at: self.last_played_at,
            metadata: self.metadata.0,
            track: self.track.into(),
        }
    }
}

/// The tracks of a playlist after a place that a viewer may see, in order; served by `mus_playlist_tracks_one_at_a_place`.
pub(crate) async fn list(
    mut connection: &AsyncPgConnection,
    playlist_id: Uuid,
    viewer: Viewer,
    after: i32,
    limit: i64,
) -> QueryResult<Vec<Entry>> {
    mus_playlist_tracks::table
        .inner_join(mus_tracks::table.on(mus_tracks::id.eq(mus_playlist_tracks::track_id)))
        .filter(mus_playlist_tracks::playlist_id.eq(playlist_id))
        .filter(mus_playlist_tracks::position.gt(after))
        .filter(mus_tracks::deleted_at.is_null())
        .filter(VisibleTo::track(viewer))
        .order(mus_playlist_tracks::position)
        .limit(limit)
        .select(Entry::as_select())
        .load(&mut connection)
        .await
}

/// The tracks of a playlist, in order.
pub(crate) async fn list_ids(
    connection: &mut AsyncPgConnection,
    playlist_id: Uuid,
) -> QueryResult<Vec<Uuid>> {
    mus_playlist_tracks::table
        .filter(mus_playlist_tracks::playlist_id.eq(playlist_id))
        .order(mus_playlist_tracks::position)
        .select(mus_playlist_tracks::track_id)
        .load(connection)
        .await
}

/// The tracks of a playlist that a viewer may see, with their places, in order: so many of them, after the first `skipped`.
pub(crate) async fn list_seen(
    connection: &mut AsyncPgConnection,
    playlist_id: Uuid,
    viewer: Viewer,
    (skipped, limit): (i32, i32),
) -> QueryResult<Vec<(Uuid, i32)>> {
    mus_playlist_tracks::table
        .inner_join(mus_tracks::table.on(mus_tracks::id.eq(mus_playlist_tracks::track_id)))
        .filter(mus_playlist_tracks::playlist_id.eq(playlist_id))
        .filter(VisibleTo::track(viewer))
        .order(mus_playlist_tracks::position)
        .offset(i64::from(skipped))
        .limit(i64::from(limit))
        .select((mus_playlist_tracks::track_id, mus_playlist_tracks::position))
        .load(connection)
        .await
}

/// Whether a track is on a playlist; by primary key.
pub(crate) async fn exists_track(
    mut connection: &AsyncPgConnection,
    playlist_id: Uuid,
    track_id: Uuid,
) -> QueryResult<bool> {
    let entry = mus_playlist_tracks::table.find((playlist_id, track_id));
    diesel::select(diesel::dsl::exists(entry)).get_result(&mut connection).await
}

/// Those of the named tracks that the caller may see and play, kept from being deleted until the transaction ends.
pub(crate) async fn find_addable(
    connection: &mut AsyncPgConnection,
    track_ids: &[Uuid],
    viewer: Viewer,
) -> QueryResult<Vec<Uuid>> {
    mus_tracks::table
        .filter(mus_tracks::id.eq_any(track_ids))
        .filter(mus_tracks::status.eq_any([AsText(TrackStatus::Active), AsText(TrackStatus::Published)]))
        .filter(VisibleTo::track(viewer))
        .order(mus_tracks::id)
        .select(mus_tracks::id)
        .for_share()
        .load(connection)
        .await
}

/// Puts tracks at the end, in their order, and gives those that were not there before. One that comes back has the plays of before.
pub(crate) async fn append(
    connection: &mut AsyncPgConnection,
    playlist_id: Uuid,
    track_ids: &[Uuid],
    (by, now): (Uuid, DateTime<Utc>),
) -> QueryResult<Vec<Uuid>> {
    statement::<SqlUuid>(
        "INSERT INTO mus_playlist_tracks
             (playlist_id, track_id, position, added_by, added_at, play_count, last_played_at)
         SELECT $1, new.id, held.count + (row_number() OVER (ORDER BY new.place))::int - 1, $3, $4,
                (SELECT count(*) FROM mus_recently_played WHERE playlist_id = $1 AND track_id = new.id),
                (SELECT max(played_at) FROM mus_recently_played WHERE playlist_id = $1 AND track_id = new.id)
         FROM unnest($2) WITH ORDINALITY AS new (id, place),
              (SELECT count(*)::int AS count FROM mus_playlist_tracks WHERE playlist_id = $1) AS held
         WHERE NOT EXISTS (SELECT FROM mus_playlist_tracks WHERE playlist_id = $1 AND track_id = new.id)
         RETURNING track_id",
    )
    .bind::<SqlUuid, _>(playlist_id)
    .bind::<Array<SqlUuid>, _>(track_ids)
    .bind::<SqlUuid, _>(by)
    .bind::<Timestamptz, _>(now)
    .load(connection)
    .await
}

/// Keeps with an entry what the client wants there.
pub(crate) async fn set_metadata(
    connection: &mut AsyncPgConnection,
    (playlist_id, track_id): (Uuid, Uuid),
    metadata: Map<String, Value>,
) -> QueryResult<usize> {
    diesel::update(mus_playlist_tracks::table.find((playlist_id, track_id)))
        .set(mus_playlist_tracks::metadata.eq(AsJson(metadata)))
        .execute(connection)
        .await
}

/// Moves a track that was put at the end before a place.
pub(crate) async fn insert_at(
    connection: &mut AsyncPgConnection,
    playlist_id: Uuid,
    track_id: Uuid,
    position: i32,
) -> QueryResult<usize> {
    statement::<()>(
        "UPDATE mus_playlist_tracks AS entry
         SET position = CASE WHEN entry.track_id = $2 THEN $3 ELSE entry.position + 1 END
         FROM (SELECT position FROM mus_playlist_tracks WHERE playlist_id = $1 AND track_id = $2) AS new
         WHERE entry.playlist_id = $1 AND entry.position BETWEEN $3 AND new.position AND $3 < new.position",
    )
    .bind::<SqlUuid, _>(playlist_id)
    .bind::<SqlUuid, _>(track_id)
    .bind::<Integer, _>(position)
    .execute(connection)
    .await
}

/// Takes tracks off, closes the gaps, and gives those that were there.
pub(crate) async fn remove(
    connection: &mut AsyncPgConnection,
    playlist_id: Uuid,
    track_ids: &[Uuid],
) -> QueryResult<Vec<Uuid>> {
    let entries = mus_playlist_tracks::table
        .filter(mus_playlist_tracks::playlist_id.eq(playlist_id))
        .filter(mus_playlist_tracks::track_id.eq_any(track_ids));
    let removed: Vec<Uuid> =
        diesel::delete(entries).returning(mus_playlist_tracks::track_id).get_results(connection).await?;
    if !removed.is_empty() {
        close_gaps(connection, &[playlist_id]).await?;
    }
    Ok(removed)
}

async fn close_gaps(connection: &mut AsyncPgConnection, playlist_ids: &[Uuid]) -> QueryResult<usize> {
    statement::<()>(
        "UPDATE mus_playlist_tracks AS entry SET position = place.new
         FROM (SELECT playlist_id, track_id,
                      (row_number() OVER (PARTITION BY playlist_id ORDER BY position))::int - 1 AS new
               FROM mus_playlist_tracks WHERE playlist_id = ANY ($1)) AS place
         WHERE entry.playlist_id = place.playlist_id AND entry.track_id = place.track_id AND entry.position <> place.new",
    )
    .bind::<Array<SqlUuid>, _>(playlist_ids)
    .execute(connection)
    .await
}

/// Puts all tracks of a playlist in an order.
pub(crate) async fn put_in_order(
    connection: &mut AsyncPgConnection,
    playlist_id: Uuid,
    track_ids: &[Uuid],
) -> QueryResult<usize> {
    statement::<()>(
        "UPDATE mus_playlist_tracks AS entry SET position = wanted.place::int - 1
         FROM unnest($2) WITH ORDINALITY AS wanted (id, place)
         WHERE entry.playlist_id = $1 AND entry.track_id = wanted.id AND entry.position <> wanted.place::int - 1",
    )
    .bind::<SqlUuid, _>(playlist_id)
    .bind::<Array<SqlUuid>, _>(track_ids)
    .execute(connection)
    .await
}

const REFRESH: &str = "
    UPDATE mus_playlists AS playlist SET track_count = held.tracks, total_duration = held.seconds, updated_at = $2
    FROM (SELECT named.id, count(track.id)::int AS tracks,
                 round(coalesce(sum(track.duration::numeric), 0), 3)::double precision AS seconds
          FROM unnest($1) AS named (id)
          LEFT JOIN mus_playlist_tracks AS entry ON entry.playlist_id = named.id
          LEFT JOIN mus_tracks AS track ON track.id = entry.track_id
          GROUP BY named.id) AS held
    WHERE playlist.id = held.id
    RETURNING playlist.track_count";

/// Counts the tracks of a playlist anew, and gives their number.
pub(crate) async fn refresh(
    connection: &mut AsyncPgConnection,
    playlist_id: Uuid,
    now: DateTime<Utc>,
) -> QueryResult<i32> {
    statement::<Integer>(REFRESH)
        .bind::<Array<SqlUuid>, _>(vec![playlist_id])
        .bind::<Timestamptz, _>(now)
        .get_result(connection)
        .await
}

/// Holds the playlists that have one of the tracks: before the tracks themselves, as the play recorder does.
pub(crate) async fn lock_holders(
    connection: &mut AsyncPgConnection,
    track_id: Option<Uuid>,
    album_id: Option<Uuid>,
) -> QueryResult<Vec<Uuid>> {
    statement::<SqlUuid>(
        "SELECT id FROM mus_playlists WHERE id IN (
             SELECT entry.playlist_id FROM mus_playlist_tracks AS entry JOIN mus_tracks AS track ON track.id = entry.track_id
             WHERE track.id = $1 OR track.album_id = $2)
         ORDER BY id FOR NO KEY UPDATE",
    )
    .bind::<Nullable<SqlUuid>, _>(track_id)
    .bind::<Nullable<SqlUuid>, _>(album_id)
    .load(connection)
    .await
}

/// Holds the playlists that have some of the tracks, as [`lock_holders`] does.
pub(crate) async fn lock_holders_of(
    connection: &mut AsyncPgConnection,
    track_ids: &[Uuid],
) -> QueryResult<Vec<Uuid>> {
    let holding = mus_playlist_tracks::table
        .filter(mus_playlist_tracks::track_id.eq_any(track_ids))
        .select(mus_playlist_tracks::playlist_id);
    mus_playlists::table
        .filter(mus_playlists::id.eq_any(holding))
        .order(mus_playlists::id)
        .select(mus_playlists::id)
        .for_no_key_update()
        .load(connection)
        .await
}

/// Counts the tracks of playlists that the caller holds anew.
pub(crate) async fn refresh_all(
    connection: &mut AsyncPgConnection,
    playlist_ids: Vec<Uuid>,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    let refresh = statement::<Integer>(REFRESH).bind::<Array<SqlUuid>, _>(playlist_ids);
    refresh.bind::<Timestamptz, _>(now).execute(connection).await
}

/// Takes tracks that the caller holds and deletes off every playlist, with a line in its activities.
pub(crate) async fn remove_everywhere(
    connection: &mut AsyncPgConnection,
    track_ids: &[Uuid],
    (actor, now): (Uuid, DateTime<Utc>),
) -> QueryResult<()> {
    let entries = mus_playlist_tracks::table.filter(mus_playlist_tracks::track_id.eq_any(track_ids));
    let removed: Vec<(Uuid, Uuid)> = diesel::delete(entries)
        .returning((mus_playlist_tracks::playlist_id, mus_playlist_tracks::track_id))
        .get_results(connection)
        .await?;
    if removed.is_empty() {
        return Ok(());
    }
    let mut playlists: Vec<Uuid> = removed.iter().map(|(playlist_id, _)| *playlist_id).collect();
    playlists.sort_unstable();
    playlists.dedup();
    close_gaps(connection, &playlists).await?;
    refresh_all(connection, playlists, now).await?;
    super::activities::write_removals(connection, &removed, (actor, now)).await?;
    Ok(())
}

/// Counts the plays of entries, named by playlist and track, anew; served by `mus_recently_played_of_playlist`.
pub(crate) async fn count_plays(
    connection: &mut AsyncPgConnection,
    entries: &[(Uuid, Uuid)],
) -> QueryResult<usize> {
    let (playlists, tracks): (Vec<Uuid>, Vec<Uuid>) = entries.iter().copied().unzip();
    statement::<()>(
        "UPDATE mus_playlist_tracks AS entry SET play_count = counted.plays, last_played_at = counted.last
         FROM (SELECT named.playlist, named.track, count(play.id) AS plays, max(play.played_at) AS last
               FROM (SELECT DISTINCT * FROM unnest($1, $2) AS pair (playlist, track)) AS named
               LEFT JOIN mus_recently_played AS play
                    ON play.playlist_id = named.playlist AND play.track_id = named.track
               GROUP BY named.playlist, named.track) AS counted
         WHERE entry.playlist_id = counted.playlist AND entry.track_id = counted.track",
    )
    .bind::<Array<SqlUuid>, _>(playlists)
    .bind::<Array<SqlUuid>, _>(tracks)
    .execute(connection)
    .await
}

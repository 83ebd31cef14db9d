//! The one statement that records plays: it takes any number of them, judges access, stores them, moves every counter once
//! and tells the event of each (`contracts::events::TrackPlayed`), whose id is the row's. Before it come the turns of the listeners, after it the completion of favourite albums.
//!
//! Deadlock: playlists are held first, in the order of their ids, then tracks in the order of theirs, then albums in the order of theirs,
//! inserts in the order of the primary key and holds follows in the order of theirs (favourites and renditions are held by
//! their tracks and albums); so two replicas wait for each other in one direction only.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use contracts::music::{PlayContext, PlayResponse};
use contracts::{CompletionSource, DeviceSource, DeviceType, EventType};
use database::{AsJson, AsText, statement};
use diesel::prelude::*;
use diesel::sql_types::{
    Array, Bool, Bytea, Double, Jsonb, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::domain::NewPlay;
use crate::events::OUTBOX;
use crate::favorites::repository as favorites;
use crate::listeners;
use crate::playlists::repository as playlists;
use crate::visibility;

/// The arrays are one a column, one element a play. What is said to be heard beyond the end of the track is left out; `skipped` is
/// under 30 seconds and under half of the track.
static RECORD: LazyLock<String> = LazyLock::new(|| {
    let (track, playlist) = (
        visibility::rule("track", "input.user_id", "input.is_admin"),
        visibility::rule("playlist", "playable.user_id", "playable.is_admin"),
    );
    format!(
        "
WITH input AS (SELECT * FROM unnest(
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18
) WITH ORDINALITY AS input (
    id, user_id, is_admin, play_id, track_id, played_at, utc_offset_minutes, intervals, client_rate, duration, context,
    device_type, device_source, session_id, client, request_digest, named_playlist_id, named_result_id, position)
), track AS (
    SELECT id, user_id, generated_by_user_id, album_id, duration, status, visibility, genres, mood FROM mus_tracks
    WHERE id IN (SELECT track_id FROM input) AND status IN ('active', 'published')
    ORDER BY id FOR NO KEY UPDATE
), album AS (
    SELECT id, user_id FROM mus_albums
    WHERE id IN (SELECT album_id FROM track)
    ORDER BY id FOR NO KEY UPDATE
), playable AS (
    SELECT input.*, track.album_id, track.duration AS length, track.genres, track.mood,
           coalesce(track.generated_by_user_id, album.user_id, track.user_id) AS creator_id,
           CASE WHEN intervals IS NOT NULL THEN (
               SELECT sum(greatest(least((part ->> 1)::double precision, track.duration * 1000)
                                   - (part ->> 0)::double precision, 0)) / 1000
               FROM jsonb_array_elements(intervals) AS part) END AS heard
    FROM input JOIN track ON track.id = input.track_id LEFT JOIN album ON album.id = track.album_id
    WHERE {track}
), counted AS (
    SELECT playable.position, entry.playlist_id FROM playable
    JOIN mus_playlists AS playlist ON playlist.id = playable.named_playlist_id AND playlist.deleted_at IS NULL
    JOIN mus_playlist_tracks AS entry ON entry.playlist_id = playlist.id AND entry.track_id = playable.track_id
    WHERE {playlist} OR EXISTS (SELECT FROM mus_playlist_collaborators AS collaborator
                                WHERE collaborator.playlist_id = playlist.id AND collaborator.user_id = playable.user_id)
), rendition AS (
    SELECT id, track_id, is_source FROM mus_results
    WHERE track_id IN (SELECT track_id FROM playable)
      AND (is_source OR id IN (SELECT named_result_id FROM playable))
), measured AS (
    SELECT playable.*, counted.playlist_id, coalesce(named.id, source.id) AS result_id,
           coalesce(playable.duration, heard) AS seconds,
           CASE WHEN heard IS NOT NULL THEN least(1, heard / length)
                WHEN client_rate IS NOT NULL THEN client_rate
                WHEN playable.duration IS NOT NULL THEN least(1, playable.duration / length) END AS completion_rate,
           CASE WHEN heard IS NOT NULL THEN 'heard'
                WHEN client_rate IS NOT NULL THEN 'client'
                WHEN playable.duration IS NOT NULL THEN 'derived' END AS completion_source
    FROM playable LEFT JOIN counted USING (position)
    LEFT JOIN rendition AS source ON source.track_id = playable.track_id AND source.is_source
    LEFT JOIN rendition AS named ON named.track_id = playable.track_id AND named.id = playable.named_result_id
), stored AS (
    INSERT INTO mus_recently_played (
        id, user_id, play_id, track_id, album_id, creator_id, played_at, utc_offset_minutes, duration,
        completion_rate, completion_source, context, device_type, device_source, session_id, skipped, client,
        request_digest, playlist_id, result_id)
    SELECT id, user_id, play_id, track_id, album_id, creator_id, played_at, utc_offset_minutes, seconds,
           completion_rate, completion_source, context, device_type, device_source, session_id,
           coalesce(seconds < 30 AND completion_rate < 0.5, false), client, request_digest, playlist_id, result_id
    FROM measured ORDER BY user_id, play_id
    ON CONFLICT ON CONSTRAINT mus_recently_played_pkey DO NOTHING
    RETURNING id, user_id, play_id, track_id, album_id, creator_id, played_at, utc_offset_minutes, duration,
              completion_rate, completion_source, skipped, playlist_id, result_id
), told AS (
    INSERT INTO mus_outbox (id, type, subject, data, occurred_at, taken_by, settled_at)
    SELECT stored.id, $19, stored.user_id, jsonb_build_object(
               'userId', stored.user_id, 'playId', stored.play_id, 'trackId', stored.track_id,
               'albumId', stored.album_id, 'creatorId', stored.creator_id, 'playedAt', stored.played_at,
               'utcOffsetMinutes', stored.utc_offset_minutes, 'duration', stored.duration,
               'completionRate', stored.completion_rate, 'skipped', stored.skipped,
               'genres', measured.genres, 'mood', measured.mood),
           now(), '{{}}', CASE WHEN NOT $20 THEN now() END
    FROM stored JOIN measured USING (id) ORDER BY measured.position
), of_tracks AS (
    UPDATE mus_tracks SET play_count = mus_tracks.play_count + moved.plays,
                          skip_count = mus_tracks.skip_count + moved.skips
    FROM (SELECT track_id, count(*) AS plays, count(*) FILTER (WHERE skipped) AS skips
          FROM stored GROUP BY track_id) AS moved
    WHERE mus_tracks.id = moved.track_id
), of_albums AS (
    UPDATE mus_albums SET play_count = mus_albums.play_count + moved.plays
    FROM (SELECT album_id, count(*) AS plays FROM stored GROUP BY album_id) AS moved
    WHERE mus_albums.id = moved.album_id
), of_results AS (
    UPDATE mus_results SET play_count = mus_results.play_count + moved.plays,
                           last_played_at = greatest(mus_results.last_played_at, moved.last)
    FROM (SELECT result_id, count(*) AS plays, max(played_at) AS last FROM stored GROUP BY result_id) AS moved
    WHERE mus_results.id = moved.result_id
), of_favorite_tracks AS (
    UPDATE mus_favorite_tracks AS liked SET play_count = liked.play_count + moved.plays,
                                            last_played_at = greatest(liked.last_played_at, moved.last)
    FROM (SELECT user_id, track_id, count(*) AS plays, max(played_at) AS last
          FROM stored GROUP BY user_id, track_id) AS moved
    WHERE liked.user_id = moved.user_id AND liked.track_id = moved.track_id
), of_favorite_albums AS (
    UPDATE mus_favorite_albums AS liked SET play_count = liked.play_count + moved.plays,
                                            last_played_at = greatest(liked.last_played_at, moved.last)
    FROM (SELECT user_id, album_id, count(*) AS plays, max(played_at) AS last
          FROM stored GROUP BY user_id, album_id) AS moved
    WHERE liked.user_id = moved.user_id AND liked.album_id = moved.album_id
    RETURNING liked.user_id, liked.album_id
), of_playlists AS (
    UPDATE mus_playlists AS playlist SET play_count = playlist.play_count + moved.plays
    FROM (SELECT playlist_id, count(*) AS plays FROM stored GROUP BY playlist_id) AS moved
    WHERE playlist.id = moved.playlist_id
), of_entries AS (
    UPDATE mus_playlist_tracks AS entry SET play_count = entry.play_count + moved.plays,
                                            last_played_at = greatest(entry.last_played_at, moved.last)
    FROM (SELECT playlist_id, track_id, count(*) AS plays, max(played_at) AS last
          FROM stored GROUP BY playlist_id, track_id) AS moved
    WHERE entry.playlist_id = moved.playlist_id AND entry.track_id = moved.track_id
), follow AS (
    SELECT user_id, creator_id FROM mus_followed_creators
    WHERE (user_id, creator_id) IN (SELECT user_id, creator_id FROM stored)
    ORDER BY user_id, creator_id FOR NO KEY UPDATE
), of_follows AS (
    UPDATE mus_followed_creators AS followed SET play_count = followed.play_count + moved.plays,
                                                 last_played_at = greatest(followed.last_played_at, moved.last)
    FROM (SELECT user_id, creator_id, count(*) AS plays, max(played_at) AS last
          FROM stored JOIN follow USING (user_id, creator_id) GROUP BY user_id, creator_id) AS moved
    WHERE followed.user_id = moved.user_id AND followed.creator_id = moved.creator_id
)
SELECT playable.id IS NOT NULL, stored.id, stored.album_id, stored.creator_id, stored.duration,
       stored.completion_rate, stored.completion_source, stored.skipped, stored.result_id, stored.playlist_id,
       (stored.user_id, stored.album_id) IN (SELECT user_id, album_id FROM of_favorite_albums)
FROM input LEFT JOIN playable USING (position) LEFT JOIN stored ON stored.id = input.id
ORDER BY input.position"
    )
});

type Columns = (
    Bool,
    Nullable<SqlUuid>,
    Nullable<SqlUuid>,
    Nullable<SqlUuid>,
    Nullable<Double>,
    Nullable<Double>,
    Nullable<Text>,
    Nullable<Bool>,
    Nullable<SqlUuid>,
    Nullable<SqlUuid>,
    Nullable<Bool>,
);

/// What the statement says of one play.
#[derive(Debug)]
pub(super) struct Verdict {
    /// Whether the track is there, can be played, and is visible to the listener.
    pub(super) is_playable: bool,
    /// What was stored; nothing where the play was there before.
    pub(super) stored: Option<Stored>,
}

/// What the database made of a play.
#[derive(Debug)]
pub(super) struct Stored {
    id: Uuid,
    album_id: Option<Uuid>,
    creator_id: Uuid,
    duration: Option<f64>,
    completion_rate: Option<f64>,
    completion_source: Option<CompletionSource>,
    skipped: bool,
    result_id: Option<Uuid>,
    playlist_id: Option<Uuid>,
}

#[derive(Queryable)]
struct Row {
    is_playable: bool,
    id: Option<Uuid>,
    album_id: Option<Uuid>,
    creator_id: Option<Uuid>,
    duration: Option<f64>,
    completion_rate: Option<f64>,
    completion_source: Option<AsText<CompletionSource>>,
    skipped: Option<bool>,
    result_id: Option<Uuid>,
    playlist_id: Option<Uuid>,
    is_of_favorite_album: Option<bool>,
}

impl From<Row> for Verdict {
    fn from(row: Row) -> Self {
        let stored = row.id.zip(row.creator_id).zip(row.skipped).map(|((id, creator_id), skipped)| Stored {
            id,
            album_id: row.album_id,
            creator_id,
            duration: row.duration,
            completion_rate: row.completion_rate,
            completion_source: row.completion_source.map(|source| source.0),
            skipped,
            result_id: row.result_id,
            playlist_id: row.playlist_id,
        });
        Self { is_playable: row.is_playable, stored }
    }
}

impl Stored {
    /// The play as it is now stored.
    pub(super) fn response(self, play: &NewPlay) -> PlayResponse {
        PlayResponse {
            id: self.id,
            play_id: play.play_id,
            track_id: play.track_id,
            album_id: self.album_id,
            result_id: self.result_id,
            playlist_id: self.playlist_id,
            creator_id: self.creator_id,
            played_at: play.played_at,
            utc_offset_minutes: play.utc_offset_minutes,
            duration: self.duration,
            completion_rate: self.completion_rate,
            completion_source: self.completion_source,
            context: play.context.clone(),
            device_type: play.device_type,
            device_source: play.device_source,
            session_id: play.session_id.clone(),
            skipped: self.skipped,
            client: play.client.clone(),
        }
    }
}

/// Records plays in the caller's transaction; the verdicts come in their order. Served by the primary keys of the tables.
pub(super) async fn record(
    connection: &mut AsyncPgConnection,
    plays: &[NewPlay],
) -> QueryResult<Vec<Verdict>> {
    let batch = Batch::of(plays);
    listeners::share(connection, &batch.user_id).await?;
    let named: Vec<Uuid> = batch.playlist_id.iter().flatten().copied().collect();
    if !named.is_empty() {
        playlists::hold(connection, &named).await?;
    }
    let rows: Vec<Row> = batch.store(connection).await?;
    let (mut listeners, mut albums) = (Vec::new(), Vec::new());
    for (row, play) in rows.iter().zip(plays) {
        if let (Some(true), Some(album_id)) = (row.is_of_favorite_album, row.album_id) {
            listeners.push(play.user_id);
            albums.push(album_id);
        }
    }
    if !albums.is_empty() {
        favorites::refresh_completion(connection, &listeners, &albums).await?;
    }
    Ok(rows.into_iter().map(Verdict::from).collect())
}

/// Plays as columns.
#[derive(Default)]
struct Batch {
    id: Vec<Uuid>,
    user_id: Vec<Uuid>,
    is_admin: Vec<bool>,
    play_id: Vec<Uuid>,
    track_id: Vec<Uuid>,
    played_at: Vec<DateTime<Utc>>,
    utc_offset_minutes: Vec<Option<i16>>,
    heard: Vec<Option<AsJson<Vec<[u32; 2]>>>>,
    client_rate: Vec<Option<f64>>,
    duration: Vec<Option<f64>>,
    context: Vec<AsJson<PlayContext>>,
    device_type: Vec<AsText<DeviceType>>,
    device_source: Vec<AsText<DeviceSource>>,
    session_id: Vec<Option<String>>,
    client: Vec<Option<String>>,
    request_digest: Vec<Vec<u8>>,
    playlist_id: Vec<Option<Uuid>>,
    result_id: Vec<Option<Uuid>>,
}

impl Batch {
    fn of(plays: &[NewPlay]) -> Self {
        let mut batch = Self::default();
        for play in plays {
            batch.id.push(play.id);
            batch.user_id.push(play.user_id);
            batch.is_admin.push(play.is_admin);
            batch.play_id.push(play.play_id);
            batch.track_id.push(play.track_id);
            batch.played_at.push(play.played_at);
            batch.utc_offset_minutes.push(play.utc_offset_minutes);
            batch.heard.push(play.heard.clone().map(AsJson));
            batch.client_rate.push(play.client_rate);
            batch.duration.push(play.duration);
            batch.context.push(AsJson(play.context.clone()));
            batch.device_type.push(AsText(play.device_type));
            batch.device_source.push(AsText(play.device_source));
            batch.session_id.push(play.session_id.clone());
            batch.client.push(play.client.clone());
            batch.request_digest.push(play.request_digest.clone());
            batch.playlist_id.push(play.playlist_id);
            batch.result_id.push(play.result_id);
        }
        batch
    }

    async fn store(&self, connection: &mut AsyncPgConnection) -> QueryResult<Vec<Row>> {
        statement::<Columns>(RECORD.as_str())
            .bind::<Array<SqlUuid>, _>(&self.id)
            .bind::<Array<SqlUuid>, _>(&self.user_id)
            .bind::<Array<Bool>, _>(&self.is_admin)
            .bind::<Array<SqlUuid>, _>(&self.play_id)
            .bind::<Array<SqlUuid>, _>(&self.track_id)
            .bind::<Array<Timestamptz>, _>(&self.played_at)
            .bind::<Array<Nullable<SmallInt>>, _>(&self.utc_offset_minutes)
            .bind::<Array<Nullable<Jsonb>>, _>(&self.heard)
            .bind::<Array<Nullable<Double>>, _>(&self.client_rate)
            .bind::<Array<Nullable<Double>>, _>(&self.duration)
            .bind::<Array<Jsonb>, _>(&self.context)
            .bind::<Array<Text>, _>(&self.device_type)
            .bind::<Array<Text>, _>(&self.device_source)
            .bind::<Array<Nullable<Text>>, _>(&self.session_id)
            .bind::<Array<Nullable<Text>>, _>(&self.client)
            .bind::<Array<Bytea>, _>(&self.request_digest)
            .bind::<Array<Nullable<SqlUuid>>, _>(&self.playlist_id)
            .bind::<Array<Nullable<SqlUuid>>, _>(&self.result_id)
            .bind::<Text, _>(AsText(EventType::TrackPlayed))
            .bind::<Bool, _>(OUTBOX.is_awaited(EventType::TrackPlayed))
            .load(connection)
            .await
    }
}

//! Rows of tracks.

mod life;
mod sound;

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use contracts::music::{TrackResponse, UpdateTrackRequest};
use contracts::{Quality, SourceType, TrackStatus, Visibility};
use database::{AsJson, AsText};
use diesel::dsl;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use http_kit::Caller;
use serde_json::{Map, Value};
use uuid::Uuid;

pub(crate) use life::{
    delete, delete_of_album, lock_any, lock_deleted_with_album, restore, restore_all, tell, tell_files,
};
pub(crate) use sound::{Sound, lock_all, set_sound};

use crate::schema::mus_tracks;
use crate::visibility::{Shown, Viewer, VisibleTo, sees};

/// A row of `mus_tracks`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = mus_tracks, check_for_backend(diesel::pg::Pg))]
pub(crate) struct Track {
    pub(crate) id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) album_id: Option<Uuid>,
    pub(crate) title: String,
    pub(crate) duration: f64,
    pub(crate) file_id: Uuid,
    pub(crate) artwork_file_id: Option<Uuid>,
    pub(crate) genres: Vec<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) track_number: Option<i32>,
    pub(crate) disc_number: Option<i32>,
    pub(crate) status: AsText<TrackStatus>,
    pub(crate) quality: AsText<Quality>,
    pub(crate) bitrate: Option<i32>,
    pub(crate) sample_rate: Option<i32>,
    pub(crate) file_size: i64,
    pub(crate) mime_type: String,
    pub(crate) is_explicit: bool,
    pub(crate) play_count: i64,
    pub(crate) skip_count: i64,
    pub(crate) language: Option<String>,
    pub(crate) mood: Option<String>,
    pub(crate) visibility: AsText<Visibility>,
    pub(crate) metadata: AsJson<Map<String, Value>>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) deleted_at: Option<DateTime<Utc>>,
    pub(crate) like_count: i64,
    pub(crate) loudness_lufs: Option<f64>,
    pub(crate) lyrics_id: Option<Uuid>,
    pub(crate) has_synced_lyrics: bool,
    pub(crate) variant_group_id: Option<Uuid>,
    pub(crate) source_type: AsText<SourceType>,
    pub(crate) generated_by_user_id: Option<Uuid>,
    pub(crate) play_on_date: Option<NaiveDate>,
    pub(crate) created_by: Uuid,
    pub(crate) updated_by: Uuid,
}

impl Track {
    /// What decides who sees it.
    pub(crate) fn shown(&self) -> Shown {
        Shown { owner: self.user_id, visibility: self.visibility.0, is_out: self.is_playable() }
    }

    /// Whether it can be played, by whoever sees it.
    pub(crate) fn is_playable(&self) -> bool {
        matches!(self.status.0, TrackStatus::Active | TrackStatus::Published)
    }
}

impl From<Track> for TrackResponse {
    fn from(track: Track) -> Self {
        Self {
            id: track.id,
            user_id: track.user_id,
            album_id: track.album_id,
            title: track.title,
            duration: track.duration,
            file_id: track.file_id,
            artwork_file_id: track.artwork_file_id,
            lyrics_id: track.lyrics_id,
            has_synced_lyrics: track.has_synced_lyrics,
            genres: track.genres,
            tags: track.tags,
            track_number: track.track_number,
            disc_number: track.disc_number,
            status: track.status.0,
            quality: track.quality.0,
            bitrate: track.bitrate,
            loudness_lufs: track.loudness_lufs,
            sample_rate: track.sample_rate,
            file_size: track.file_size,
            mime_type: track.mime_type,
            is_explicit: track.is_explicit,
            play_count: track.play_count,
            like_count: track.like_count,
            skip_count: track.skip_count,
            language: track.language,
            mood: track.mood,
            visibility: track.visibility.0,
            source_type: track.source_type.0,
            generated_by_user_id: track.generated_by_user_id,
            variant_group_id: track.variant_group_id,
            play_on_date: track.play_on_date,
            metadata: track.metadata.0,
            created_by: track.created_by,
            updated_by: track.updated_by,
            created_at: track.created_at,
            updated_at: track.updated_at,
        }
    }
}

/// What a patch changes; `None` leaves a column as it is.
#[derive(Debug, AsChangeset)]
#[diesel(table_name = mus_tracks)]
pub(crate) struct TrackChanges {
    title: Option<String>,
    album_id: Option<Option<Uuid>>,
    artwork_file_id: Option<Option<Uuid>>,
    lyrics_id: Option<Option<Uuid>>,
    has_synced_lyrics: Option<bool>,
    genres: Option<Vec<String>>,
    tags: Option<Vec<String>>,
    track_number: Option<Option<i32>>,
    disc_number: Option<Option<i32>>,
    is_explicit: Option<bool>,
    language: Option<Option<String>>,
    mood: Option<Option<String>>,
    visibility: Option<AsText<Visibility>>,
    metadata: Option<AsJson<Map<String, Value>>>,
    status: Option<AsText<TrackStatus>>,
    variant_group_id: Option<Option<Uuid>>,
    play_on_date: Option<Option<NaiveDate>>,
    updated_by: Uuid,
    updated_at: DateTime<Utc>,
}

impl TrackChanges {
    pub(crate) fn from_request(request: UpdateTrackRequest, (by, now): (Uuid, DateTime<Utc>)) -> Self {
        Self {
            title: request.title,
            album_id: request.album_id,
            artwork_file_id: request.artwork_file_id,
            lyrics_id: request.lyrics_id,
            has_synced_lyrics: None,
            genres: request.genres,
            tags: request.tags,
            track_number: request.track_number,
            disc_number: request.disc_number,
            is_explicit: request.is_explicit,
            language: request.language,
            mood: request.mood,
            visibility: request.visibility.map(AsText),
            metadata: request.metadata.map(AsJson),
            status: request.status.map(AsText),
            variant_group_id: request.variant_group_id,
            play_on_date: request.play_on_date,
            updated_by: by,
            updated_at: now,
        }
    }

    /// The same changes, with what the lyrics that they name say; `None` when they name none.
    pub(crate) fn with_lyrics(self, has_synced_lyrics: Option<bool>) -> Self {
        Self { has_synced_lyrics, ..self }
    }
}

pub(crate) async fn insert(connection: &mut AsyncPgConnection, track: &Track) -> QueryResult<usize> {
    diesel::insert_into(mus_tracks::table).values(track).execute(connection).await
}

/// A live track, by primary key.
pub(crate) async fn find(mut connection: &AsyncPgConnection, id: Uuid) -> QueryResult<Option<Track>> {
    live().filter(mus_tracks::id.eq(id)).select(Track::as_select()).first(&mut connection).await.optional()
}

/// A live track that a viewer may see.
pub(crate) async fn find_seen(
    connection: &AsyncPgConnection,
    viewer: Option<&Caller>,
    id: Uuid,
) -> QueryResult<Option<Track>> {
    match find(connection, id).await? {
        Some(track) if sees(connection, viewer, track.shown()).await? => Ok(Some(track)),
        _ => Ok(None),
    }
}

/// Live tracks by their ids, in the order of these.
pub(crate) async fn list_in_order(
    mut connection: &AsyncPgConnection,
    ids: &[Uuid],
) -> QueryResult<Vec<Track>> {
    let tracks = live().filter(mus_tracks::id.eq_any(ids)).select(Track::as_select());
    let tracks: Vec<Track> = tracks.load(&mut connection).await?;
    let mut by_id: HashMap<Uuid, Track> = tracks.into_iter().map(|track| (track.id, track)).collect();
    Ok(ids.iter().filter_map(|id| by_id.remove(id)).collect())
}

/// Tracks by their ids, deleted ones too.
pub(crate) async fn list_any(mut connection: &AsyncPgConnection, ids: &[Uuid]) -> QueryResult<Vec<Track>> {
    let tracks = mus_tracks::table.filter(mus_tracks::id.eq_any(ids)).order(mus_tracks::id);
    tracks.select(Track::as_select()).load(&mut connection).await
}

/// A live track, held until the transaction ends.
pub(crate) async fn lock(connection: &mut AsyncPgConnection, id: Uuid) -> QueryResult<Option<Track>> {
    let track = live().filter(mus_tracks::id.eq(id)).select(Track::as_select());
    track.for_no_key_update().first(connection).await.optional()
}

/// Changes a track that the caller holds.
pub(crate) async fn update(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    changes: &TrackChanges,
) -> QueryResult<Track> {
    let track = diesel::update(mus_tracks::table.find(id)).set(changes);
    track.returning(Track::as_returning()).get_result(connection).await
}

/// Holds the tracks of an album until the transaction ends.
pub(crate) async fn lock_of_album(
    connection: &mut AsyncPgConnection,
    album_id: Uuid,
) -> QueryResult<Vec<Uuid>> {
    live()
        .filter(mus_tracks::album_id.eq(album_id))
        .order(mus_tracks::id)
        .select(mus_tracks::id)
        .for_no_key_update()
        .load(connection)
        .await
}

/// The live tracks of an album; served by `mus_tracks_of_album`.
pub(crate) async fn ids_of_album(
    connection: &mut AsyncPgConnection,
    album_id: Uuid,
) -> QueryResult<Vec<Uuid>> {
    live().filter(mus_tracks::album_id.eq(album_id)).select(mus_tracks::id).load(connection).await
}

/// Whether a person has music that a viewer may see; served by `mus_tracks_of_user` and `mus_tracks_of_generator`, each asked for
/// itself: for both at once the planner would read tracks one after the other, and of nobody's it would read all.
pub(crate) async fn exists_of_creator(
    mut connection: &AsyncPgConnection,
    creator_id: Uuid,
    viewer: Viewer,
) -> QueryResult<bool> {
    let visible = || live().filter(VisibleTo::track(viewer)).select(mus_tracks::id);
    // The order is the index's: with it the planner has no reason to look elsewhere.
    let newest = visible().filter(mus_tracks::user_id.eq(creator_id)).order(mus_tracks::id.desc());
    let newest: Option<Uuid> = newest.first(&mut connection).await.optional()?;
    if newest.is_some() {
        return Ok(true);
    }
    let generated = visible().filter(mus_tracks::generated_by_user_id.eq(creator_id));
    let generated: Option<Uuid> = generated.first(&mut connection).await.optional()?;
    Ok(generated.is_some())
}

/// Has the tracks with some lyrics know whether these have times; `None` when the lyrics are gone, and with them the tracks'.
/// Deleted tracks too: they may come back. Served by `mus_tracks_of_lyrics`.
pub(crate) async fn follow_lyrics(
    connection: &mut AsyncPgConnection,
    lyrics_id: Uuid,
    has_times: Option<bool>,
) -> QueryResult<usize> {
    let with_them = mus_tracks::table.filter(mus_tracks::lyrics_id.eq(lyrics_id));
    let held: Vec<Uuid> =
        with_them.order(mus_tracks::id).select(mus_tracks::id).for_no_key_update().load(connection).await?;
    diesel::update(mus_tracks::table.filter(mus_tracks::id.eq_any(held)))
        .set((
            mus_tracks::lyrics_id.eq(has_times.map(|_| lyrics_id)),
            mus_tracks::has_synced_lyrics.eq(has_times.unwrap_or(false)),
        ))
        .execute(connection)
        .await
}

#[dsl::auto_type(no_type_alias)]
pub(super) fn live() -> _ {
    mus_tracks::table.filter(mus_tracks::deleted_at.is_null())
}

//! Rows of renditions.

use chrono::{DateTime, Utc};
use contracts::Quality;
use contracts::music::RenditionResponse;
use contracts::storage::{AudioMedia, MadeVersion};
use database::{AsJson, AsText, statement};
use diesel::prelude::*;
use diesel::sql_types::{Array, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::schema::mus_results;
use crate::tracks::quality_of;
use crate::tracks::repository::Track;

/// A row of `mus_results`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = mus_results, check_for_backend(diesel::pg::Pg))]
pub(crate) struct Rendition {
    pub(crate) id: Uuid,
    pub(crate) track_id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) file_id: Uuid,
    pub(crate) file_version: Option<i32>,
    pub(crate) format: String,
    pub(crate) codec: String,
    pub(crate) bitrate: Option<i32>,
    pub(crate) sample_rate: Option<i32>,
    pub(crate) channels: Option<i16>,
    pub(crate) file_size: i64,
    pub(crate) duration: f64,
    pub(crate) quality: AsText<Quality>,
    pub(crate) is_source: bool,
    pub(crate) play_count: i64,
    pub(crate) download_count: i64,
    pub(crate) last_played_at: Option<DateTime<Utc>>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) audio_job_id: Option<Uuid>,
    pub(crate) loudness_lufs: Option<f64>,
    pub(crate) metadata: AsJson<Map<String, Value>>,
}

impl Rendition {
    /// The sound that a track is made of.
    pub(crate) fn source(track: &Track, audio: &AudioMedia) -> Self {
        Self {
            id: contracts::ids::new_id(),
            track_id: track.id,
            user_id: track.user_id,
            file_id: track.file_id,
            file_version: None,
            format: track.mime_type.clone(),
            codec: audio.codec.clone(),
            bitrate: track.bitrate,
            sample_rate: track.sample_rate,
            channels: audio.channels.and_then(|channels| i16::try_from(channels).ok()),
            file_size: track.file_size,
            duration: track.duration,
            quality: track.quality,
            is_source: true,
            play_count: 0,
            download_count: 0,
            last_played_at: None,
            created_at: track.created_at,
            audio_job_id: None,
            loudness_lufs: track.loudness_lufs,
            metadata: AsJson(Map::new()),
        }
    }

    /// What an audio job made of a rendition: a version of the same file.
    pub(crate) fn made(
        (source, audio_job_id, metadata): (&Self, Uuid, Map<String, Value>),
        version: &MadeVersion,
        audio: &AudioMedia,
    ) -> Self {
        Self {
            id: contracts::ids::new_id(),
            track_id: source.track_id,
            user_id: source.user_id,
            file_id: source.file_id,
            file_version: Some(version.version_number),
            format: version.content_type.clone(),
            codec: audio.codec.clone(),
            bitrate: audio.bitrate,
            sample_rate: audio.sample_rate,
            channels: audio.channels.and_then(|channels| i16::try_from(channels).ok()),
            file_size: version.file_size,
            duration: audio.duration,
            quality: AsText(quality_of(audio)),
            is_source: false,
            play_count: 0,
            download_count: 0,
            last_played_at: None,
            created_at: contracts::clock::now(),
            audio_job_id: Some(audio_job_id),
            loudness_lufs: audio.loudness.map(|loudness| loudness.integrated),
            metadata: AsJson(metadata),
        }
    }
}

impl From<Rendition> for RenditionResponse {
    fn from(rendition: Rendition) -> Self {
        Self {
            id: rendition.id,
            track_id: rendition.track_id,
            file_id: rendition.file_id,
            file_version: rendition.file_version,
            format: rendition.format,
            codec: rendition.codec,
            bitrate: rendition.bitrate,
            sample_rate: rendition.sample_rate,
            channels: rendition.channels,
            file_size: rendition.file_size,
            duration: rendition.duration,
            quality: rendition.quality.0,
            is_source: rendition.is_source,
            play_count: rendition.play_count,
            download_count: rendition.download_count,
            last_played_at: rendition.last_played_at,
            created_at: rendition.created_at,
            audio_job_id: rendition.audio_job_id,
            loudness_lufs: rendition.loudness_lufs,
            metadata: rendition.metadata.0,
        }
    }
}

pub(crate) async fn insert(connection: &mut AsyncPgConnection, rendition: &Rendition) -> QueryResult<usize> {
    diesel::insert_into(mus_results::table).values(rendition).execute(connection).await
}

/// Stores a rendition, and gives its id; or that of the one that is there for the same version of the file.
pub(crate) async fn insert_or_find(
    connection: &mut AsyncPgConnection,
    rendition: &Rendition,
) -> QueryResult<Uuid> {
    let inserted = diesel::insert_into(mus_results::table).values(rendition).on_conflict_do_nothing();
    if inserted.execute(connection).await? == 1 {
        return Ok(rendition.id);
    }
    mus_results::table
        .filter(mus_results::track_id.eq(rendition.track_id))
        .filter(mus_results::file_id.eq(rendition.file_id))
        .filter(mus_results::file_version.eq(rendition.file_version))
        .select(mus_results::id)
        .first(connection)
        .await
}

/// What a track was made of; served by `mus_results_one_source`.
pub(crate) async fn find_source(
    mut connection: &AsyncPgConnection,
    track_id: Uuid,
) -> QueryResult<Option<Rendition>> {
    let source = mus_results::table.filter(mus_results::track_id.eq(track_id)).filter(mus_results::is_source);
    source.select(Rendition::as_select()).first(&mut connection).await.optional()
}

/// A rendition, by primary key.
pub(crate) async fn find(mut connection: &AsyncPgConnection, id: Uuid) -> QueryResult<Option<Rendition>> {
    let rendition = mus_results::table.find(id).select(Rendition::as_select());
    rendition.first(&mut connection).await.optional()
}

/// The renditions of a track after one of them, the oldest first: the source leads. Served by `mus_results_of_track`.
pub(crate) async fn list_of_track(
    mut connection: &AsyncPgConnection,
    track_id: Uuid,
    after: Option<Uuid>,
    limit: i64,
) -> QueryResult<Vec<Rendition>> {
    mus_results::table
        .filter(mus_results::track_id.eq(track_id))
        .filter(mus_results::id.gt(after.unwrap_or_default()))
        .order(mus_results::id)
        .limit(limit)
        .select(Rendition::as_select())
        .load(&mut connection)
        .await
}

/// The tracks that were made of a file; served by `mus_results_of_file`.
pub(crate) async fn list_tracks_of_file(
    connection: &mut AsyncPgConnection,
    file_id: Uuid,
) -> QueryResult<Vec<Uuid>> {
    mus_results::table
        .filter(mus_results::file_id.eq(file_id))
        .filter(mus_results::is_source)
        .select(mus_results::track_id)
        .load(connection)
        .await
}

/// Gives the sources of tracks that the caller holds the facts of their new sound, and forgets what was made of the one before:
/// the jobs that made it stay, as jobs of the source that made nothing that still is.
pub(crate) async fn replace_sources(
    connection: &mut AsyncPgConnection,
    tracks: &[Track],
    audio: &AudioMedia,
) -> QueryResult<()> {
    let Some(track) = tracks.first() else { return Ok(()) };
    let ids: Vec<Uuid> = tracks.iter().map(|track| track.id).collect();
    let channels = audio.channels.and_then(|channels| i16::try_from(channels).ok());
    diesel::update(
        mus_results::table.filter(mus_results::track_id.eq_any(&ids)).filter(mus_results::is_source),
    )
    .set((
        mus_results::format.eq(&track.mime_type),
        mus_results::codec.eq(&audio.codec),
        mus_results::bitrate.eq(track.bitrate),
        mus_results::sample_rate.eq(track.sample_rate),
        mus_results::channels.eq(channels),
        mus_results::file_size.eq(track.file_size),
        mus_results::duration.eq(track.duration),
        mus_results::quality.eq(track.quality),
        mus_results::loudness_lufs.eq(track.loudness_lufs),
    ))
    .execute(connection)
    .await?;
    statement::<()>(
        "UPDATE mus_audio_jobs AS job
         SET result_id = NULL, source_result_id = source.id, updated_at = now()
         FROM mus_results AS source
         WHERE job.track_id = ANY ($1) AND source.track_id = job.track_id AND source.is_source
           AND (job.result_id IS NOT NULL OR job.source_result_id <> source.id)",
    )
    .bind::<Array<SqlUuid>, _>(&ids)
    .execute(connection)
    .await?;
    let made = mus_results::table
        .filter(mus_results::track_id.eq_any(&ids))
        .filter(diesel::dsl::not(mus_results::is_source));
    diesel::delete(made).execute(connection).await.map(drop)
}

/// Counts a download.
pub(crate) async fn count_download(connection: &mut AsyncPgConnection, id: Uuid) -> QueryResult<usize> {
    diesel::update(mus_results::table.find(id))
        .set(mus_results::download_count.eq(mus_results::download_count + 1))
        .execute(connection)
        .await
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A rendition of some track.
    pub(crate) fn rendition(quality: Quality, is_source: bool) -> Rendition {
        Rendition {
            id: contracts::ids::new_id(),
            track_id: Uuid::nil(),
            user_id: Uuid::nil(),
            file_id: Uuid::nil(),
            file_version: None,
            format: "audio/flac".to_owned(),
            codec: "flac".to_owned(),
            bitrate: None,
            sample_rate: None,
            channels: None,
            file_size: 1,
            duration: 1.0,
            quality: AsText(quality),
            is_source,
            play_count: 0,
            download_count: 0,
            last_played_at: None,
            created_at: contracts::clock::now(),
            audio_job_id: None,
            loudness_lufs: None,
            metadata: AsJson(Map::new()),
        }
    }
}

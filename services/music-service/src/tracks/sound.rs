//! Tracks follow the sound of their file.

use contracts::events::FileChanged;
use contracts::{EventType, TrackStatus};
use database::AsText;
use diesel_async::AsyncPgConnection;
use http_kit::ApiError;

use super::domain::{quality_of, sound_in};
use super::handlers::refresh_totals;
use super::repository::{self, Sound};
use crate::albums::repository as albums;
use crate::playlists::repository as playlists;
use crate::renditions::repository as renditions;

/// A file has other bytes: its tracks have their facts from then on, albums and playlists their length. What audio jobs made of
/// the sound of before is no rendition of the track any more. A file that is no sound now leaves its tracks as they are.
pub(crate) async fn follow_file(
    connection: &mut AsyncPgConnection,
    changed: &FileChanged,
) -> Result<(), ApiError> {
    let ids = renditions::list_tracks_of_file(connection, changed.file_id).await?;
    let Some(content) = changed.content.as_ref().filter(|_| !ids.is_empty()) else {
        return Ok(());
    };
    let audio = match sound_in(content.media.as_ref(), &content.content_type) {
        Ok(audio) => audio,
        Err(reason) => {
            tracing::warn!(file_id = %changed.file_id, %reason, "tracks have a file that cannot be played any more");
            return Ok(());
        }
    };
    let now = contracts::clock::now();
    let sound = Sound {
        duration: audio.duration,
        bitrate: audio.bitrate,
        sample_rate: audio.sample_rate,
        file_size: content.file_size,
        mime_type: content.content_type.clone(),
        quality: AsText(quality_of(audio)),
        loudness_lufs: audio.loudness.map(|loudness| loudness.integrated),
        updated_at: now,
    };
    let holders = playlists::lock_holders_of(connection, &ids).await?;
    repository::lock_all(connection, &ids).await?;
    let mut tracks = repository::set_sound(connection, &ids, &sound).await?;
    renditions::replace_sources(connection, &tracks, audio).await?;
    let on: Vec<_> = tracks.iter().map(|track| track.album_id).collect();
    let held = albums::lock_all(connection, &on).await?;
    refresh_totals(connection, &held).await?;
    playlists::refresh_all(connection, holders, now).await?;
    tracks.retain(|track| track.status.0 != TrackStatus::Deleted);
    Ok(repository::tell(connection, EventType::TrackUpdated, &tracks).await?)
}

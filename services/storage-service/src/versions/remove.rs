//! Versions are deleted, and with them the variants that were made from them. Bytes that no version names any more go.

use contracts::storage::Media;
use diesel_async::AsyncConnection;
use http_kit::{ApiError, Caller};
use uuid::Uuid;

use super::append::no_version;
use super::place;
use super::repository::{self, Version};
use crate::app::StorageState;
use crate::files::repository as files;
use crate::files::require_own;

/// Deletes a version that is not the current one.
///
/// # Errors
/// 404 when there is none, 409 for the current one and for what the current one was made of.
pub(super) async fn remove(
    state: &StorageState,
    caller: &Caller,
    (file_id, number): (Uuid, i32),
) -> Result<(), ApiError> {
    let mut connection = state.database.connection().await?;
    let removed = connection
        .transaction(async |connection| {
            require_own(files::find(connection, file_id).await?, caller)?;
            // Blobs come before files: what is listed now is looked at again under the file's lock.
            let listed = repository::list_with_variants(connection, (file_id, number)).await?;
            repository::lock_blobs(connection, &listed).await?;
            let file = require_own(files::lock(connection, file_id).await?, caller)?;
            if number == file.current_version {
                return Err(ApiError::conflict("The current version cannot be deleted."));
            }
            let held = repository::list_with_variants(connection, (file_id, number)).await?;
            if held.is_empty() {
                return Err(no_version());
            }
            if !repository::is_same(&listed, &held) {
                return Err(ApiError::unavailable("a variant was made meanwhile"));
            }
            repository::release_all(connection, file_id, &held).await?;
            if let Some(media) = file.media.and_then(|media| without(media.0, &held)) {
                files::set_media(connection, file.id, &media).await?;
            }
            Ok(held)
        })
        .await?;
    drop(connection);
    place::collect(&state.database, &state.blobs, &removed).await;
    Ok(())
}

/// The facts of a file without the variants that are gone; nothing when they name none of those.
fn without(mut media: Media, gone: &[Version]) -> Option<Media> {
    let named = match &mut media {
        Media::Audio(audio) => &mut audio.waveform,
        Media::Image(image) => &mut image.thumbnail,
        Media::Unreadable { .. } => return None,
    };
    let is_gone = |number: i32| gone.iter().any(|version| version.version_number == number);
    named.take_if(|number| is_gone(*number)).map(|_| media)
}

//! Bodies of requests and of events: what is read is also judged, and none of it may panic.
#![no_main]

use contracts::{music, storage, user};
use garde::Validate;
use serde::de::DeserializeOwned;

fn judge<T: DeserializeOwned + Validate<Context = ()>>(bytes: &[u8]) {
    if let Ok(body) = serde_json::from_slice::<T>(bytes) {
        let _ = body.validate();
    }
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    judge::<music::CreateAlbumRequest>(bytes);
    judge::<music::CreateLyricsRequest>(bytes);
    judge::<music::CreatePlaylistRequest>(bytes);
    judge::<music::CreateTrackRequest>(bytes);
    judge::<music::RecordPlayRequest>(bytes);
    judge::<music::RecordStreamPlayRequest>(bytes);
    judge::<music::UpdateFavoriteTrackRequest>(bytes);
    judge::<music::UpdatePlaylistRequest>(bytes);
    judge::<music::UpdateSessionRequest>(bytes);
    judge::<storage::FetchFileRequest>(bytes);
    judge::<storage::OrderJobRequest>(bytes);
    judge::<storage::UpdateFileRequest>(bytes);
    judge::<user::CreateCheckinRequest>(bytes);
    judge::<user::CreateEntryRequest>(bytes);
    judge::<user::RegisterRequest>(bytes);
    judge::<user::UpdateEntryRequest>(bytes);
    judge::<user::UpdateProfileRequest>(bytes);
    let _ = serde_json::from_slice::<contracts::events::Event>(bytes);
});

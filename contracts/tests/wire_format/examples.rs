//! Every type reads its example and writes it back unchanged.

use std::collections::BTreeSet;

use contracts::page::{Page, PageQuery};
use contracts::problem::{ErrorCode, Problem};
use contracts::{music, storage, user};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The example of a type.
pub(crate) fn example(name: &str) -> Value {
    files().get(name).unwrap_or_else(|| panic!("{name} has no example")).clone()
}

fn files() -> Map<String, Value> {
    [
        include_str!("shared.json"),
        include_str!("music.json"),
        include_str!("user.json"),
        include_str!("storage.json"),
    ]
    .into_iter()
    .flat_map(|file| serde_json::from_str::<Map<String, Value>>(file).unwrap())
    .collect()
}

fn stays<T: Serialize + DeserializeOwned>(name: &'static str) -> &'static str {
    let example = example(name);
    let read: T = serde_json::from_value(example.clone()).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(serde_json::to_value(read).unwrap(), example, "{name}");
    name
}

#[test]
fn every_type_reads_and_writes_its_example() {
    let covered = BTreeSet::from([
        stays::<Problem>("Problem"),
        stays::<Page<String>>("Page"),
        stays::<PageQuery>("PageQuery"),
        stays::<music::AlbumResponse>("AlbumResponse"),
        stays::<music::CreateAlbumRequest>("CreateAlbumRequest"),
        stays::<music::UpdateAlbumRequest>("UpdateAlbumRequest"),
        stays::<music::ListAlbumsQuery>("ListAlbumsQuery"),
        stays::<music::TrackResponse>("TrackResponse"),
        stays::<music::CreateTrackRequest>("CreateTrackRequest"),
        stays::<music::UpdateTrackRequest>("UpdateTrackRequest"),
        stays::<music::ListTracksQuery>("ListTracksQuery"),
        stays::<music::RecordPlayRequest>("RecordPlayRequest"),
        stays::<music::PlayResponse>("PlayResponse"),
        stays::<music::RecentPlayResponse>("RecentPlayResponse"),
        stays::<music::RecentlyPlayedQuery>("RecentlyPlayedQuery"),
        stays::<music::LikeResponse>("LikeResponse"),
        stays::<music::FavoriteTrackResponse>("FavoriteTrackResponse"),
        stays::<music::LikedTrackResponse>("LikedTrackResponse"),
        stays::<music::UpdateFavoriteTrackRequest>("UpdateFavoriteTrackRequest"),
        stays::<music::RateRequest>("RateRequest"),
        stays::<music::NotesRequest>("NotesRequest"),
        stays::<music::TagsRequest>("TagsRequest"),
        stays::<music::FavoriteAlbumResponse>("FavoriteAlbumResponse"),
        stays::<music::LikedAlbumResponse>("LikedAlbumResponse"),
        stays::<music::UpdateFavoriteAlbumRequest>("UpdateFavoriteAlbumRequest"),
        stays::<music::LikedTracksQuery>("LikedTracksQuery"),
        stays::<music::FavoritesQuery>("FavoritesQuery"),
        stays::<music::FavoritesBatchRequest>("FavoritesBatchRequest"),
        stays::<music::FavoritesBatchResponse>("FavoritesBatchResponse"),
        stays::<music::TrackDetailResponse>("TrackDetailResponse"),
        stays::<music::FollowResponse>("FollowResponse"),
        stays::<music::FollowedCreatorResponse>("FollowedCreatorResponse"),
        stays::<music::UpdateFollowRequest>("UpdateFollowRequest"),
        stays::<user::RegisterRequest>("RegisterRequest"),
        stays::<user::LoginRequest>("LoginRequest"),
        stays::<user::RefreshRequest>("RefreshRequest"),
        stays::<user::TokenResponse>("TokenResponse"),
        stays::<user::SessionResponse>("SessionResponse"),
        stays::<user::UpdateAccountRequest>("UpdateAccountRequest"),
        stays::<user::ProfileResponse>("ProfileResponse"),
        stays::<user::UpdateProfileRequest>("UpdateProfileRequest"),
        stays::<storage::FileResponse>("FileResponse"),
        stays::<storage::Media>("Media"),
        stays::<storage::VersionResponse>("VersionResponse"),
        stays::<storage::ListFilesQuery>("ListFilesQuery"),
        stays::<storage::AccessLogResponse>("AccessLogResponse"),
        stays::<storage::ServeQuery>("ServeQuery"),
    ]);
    let examples: BTreeSet<String> = files().keys().cloned().collect();
    assert!(examples.iter().map(String::as_str).eq(covered), "an example of no type");
}

#[test]
fn a_patch_tells_absence_from_null() {
    let absent: user::UpdateProfileRequest = serde_json::from_str("{}").unwrap();
    let null: user::UpdateProfileRequest = serde_json::from_str(r#"{"bio": null}"#).unwrap();
    assert_eq!((absent.bio, null.bio), (None, Some(None)));
    let refused = serde_json::from_str::<user::UpdateAccountRequest>(r#"{"displayName": null}"#);
    assert!(refused.is_err());
}

#[test]
fn a_code_is_its_own_name_on_the_wire() {
    let code: ErrorCode = serde_json::from_value(example("Problem")["code"].clone()).unwrap();
    assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
    assert_eq!((code.status(), code.urn().as_str()), (422, "urn:refrain:problem:invalid"));
}

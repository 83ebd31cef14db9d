//! Client of music-service.

use reqwest::Response;
use uuid::Uuid;

use super::{ClientError, Connection};
use crate::Page;
use crate::music::{
    AlbumResponse, AudioJobResponse, CreateAlbumRequest, CreateAudioJobRequest, CreateTrackRequest,
    ListAlbumsQuery, ListTracksQuery, PlayResponse, RecentPlayResponse, RecentlyPlayedQuery,
    RecordPlayRequest, TrackResponse, UpdateAlbumRequest,
};

/// Calls music-service.
#[derive(Debug, Clone)]
pub struct MusicClient {
    connection: Connection,
}

impl MusicClient {
    /// A client over a connection.
    #[must_use]
    pub fn new(connection: Connection) -> Self {
        Self { connection }
    }

    /// Makes an album.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn create_album(&self, request: &CreateAlbumRequest) -> Result<AlbumResponse, ClientError> {
        self.connection.post("/api/library/albums", request).await
    }

    /// Changes an album.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn update_album(
        &self,
        id: Uuid,
        request: &UpdateAlbumRequest,
    ) -> Result<AlbumResponse, ClientError> {
        self.connection.patch(&format!("/api/library/albums/{id}"), request).await
    }

    /// The caller's albums.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn list_albums(&self, query: &ListAlbumsQuery) -> Result<Page<AlbumResponse>, ClientError> {
        self.connection.get_with("/api/library/albums", query).await
    }

    /// Makes a track of an uploaded file.
    ///
    /// # Errors
    /// 422 when the file cannot be played; see [`ClientError`].
    pub async fn create_track(&self, request: &CreateTrackRequest) -> Result<TrackResponse, ClientError> {
        self.connection.post("/api/library/tracks", request).await
    }

    /// The caller's tracks.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn list_tracks(&self, query: &ListTracksQuery) -> Result<Page<TrackResponse>, ClientError> {
        self.connection.get_with("/api/library/tracks", query).await
    }

    /// Records a play. Safe to repeat when the request has a `play_id`.
    ///
    /// # Errors
    /// 404 when the track is absent or hidden, 503 when the recorder is full; see [`ClientError`].
    pub async fn record_play(&self, request: &RecordPlayRequest) -> Result<PlayResponse, ClientError> {
        self.connection.post("/api/library/track-play", request).await
    }

    /// Orders something to be made of a track's sound.
    ///
    /// # Errors
    /// 403 when the track is another's; see [`ClientError`].
    pub async fn order_audio_job(
        &self,
        request: &CreateAudioJobRequest,
    ) -> Result<AudioJobResponse, ClientError> {
        self.connection.post("/api/music/audio-jobs", request).await
    }

    /// An audio job of the caller's.
    ///
    /// # Errors
    /// 404 when there is none; see [`ClientError`].
    pub async fn audio_job(&self, id: Uuid) -> Result<AudioJobResponse, ClientError> {
        self.connection.get(&format!("/api/music/audio-jobs/{id}")).await
    }

    /// The caller's plays, the latest first.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn recently_played(
        &self,
        query: &RecentlyPlayedQuery,
    ) -> Result<Page<RecentPlayResponse>, ClientError> {
        self.connection.get_with("/api/library/recently-played", query).await
    }

    /// Everything of a person's, a JSON object that is sent while it is read. Needs a service token.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn export_person(&self, user_id: Uuid) -> Result<Response, ClientError> {
        self.connection.open(&format!("/internal/music/people/{user_id}/export")).await
    }
}

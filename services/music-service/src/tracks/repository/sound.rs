//! What tracks say of their sound.

use chrono::{DateTime, Utc};
use contracts::Quality;
use database::AsText;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::Track;
use crate::schema::mus_tracks;

/// The facts of a sound.
#[derive(Debug, AsChangeset)]
#[diesel(table_name = mus_tracks, treat_none_as_null = true)]
pub(crate) struct Sound {
    pub(crate) duration: f64,
    pub(crate) bitrate: Option<i32>,
    pub(crate) sample_rate: Option<i32>,
    pub(crate) file_size: i64,
    pub(crate) mime_type: String,
    pub(crate) quality: AsText<Quality>,
    pub(crate) loudness_lufs: Option<f64>,
    pub(crate) updated_at: DateTime<Utc>,
}

/// Holds tracks, deleted or not, until the transaction ends.
pub(crate) async fn lock_all(connection: &mut AsyncPgConnection, ids: &[Uuid]) -> QueryResult<Vec<Uuid>> {
    let tracks =
        mus_tracks::table.filter(mus_tracks::id.eq_any(ids)).order(mus_tracks::id).select(mus_tracks::id);
    tracks.for_no_key_update().load(connection).await
}

/// Gives tracks that the caller holds the facts of a sound.
pub(crate) async fn set_sound(
    connection: &mut AsyncPgConnection,
    ids: &[Uuid],
    sound: &Sound,
) -> QueryResult<Vec<Track>> {
    diesel::update(mus_tracks::table.filter(mus_tracks::id.eq_any(ids)))
        .set(sound)
        .returning(Track::as_returning())
        .get_results(connection)
        .await
}

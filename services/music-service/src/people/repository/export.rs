//! Reads everything that a person has, row by row.

use database::{AsJson, Connection, statement};
use diesel::QueryResult;
use diesel::sql_types::{Jsonb, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use futures_util::Stream;
use serde_json::Value;
use uuid::Uuid;

/// A list of the export: its name, and its rows as JSON objects.
pub(crate) struct Section {
    pub(crate) name: &'static str,
    pub(super) sql: &'static str,
}

/// Every table with something of a person's in it. Each is read along an index that the person leads.
pub(crate) const SECTIONS: [Section; 17] = [
    Section { name: "tracks", sql: "SELECT to_jsonb(t) FROM mus_tracks AS t WHERE user_id = $1 ORDER BY id" },
    Section { name: "albums", sql: "SELECT to_jsonb(t) FROM mus_albums AS t WHERE user_id = $1 ORDER BY id" },
    Section { name: "lyrics", sql: "SELECT to_jsonb(t) FROM mus_lyrics AS t WHERE user_id = $1 ORDER BY id" },
    Section {
        name: "plays",
        sql: "SELECT to_jsonb(t) - 'request_digest' FROM mus_recently_played AS t WHERE user_id = $1 ORDER BY played_at, id",
    },
    Section {
        name: "streamSessions",
        sql: "SELECT to_jsonb(t) FROM mus_stream_sessions AS t WHERE user_id = $1 ORDER BY id",
    },
    Section {
        name: "favoriteTracks",
        sql: "SELECT to_jsonb(t) FROM mus_favorite_tracks AS t WHERE user_id = $1 ORDER BY added_at, track_id",
    },
    Section {
        name: "favoriteAlbums",
        sql: "SELECT to_jsonb(t) FROM mus_favorite_albums AS t WHERE user_id = $1 ORDER BY added_at, album_id",
    },
    Section {
        name: "followedCreators",
        sql: "SELECT to_jsonb(t) FROM mus_followed_creators AS t WHERE user_id = $1 ORDER BY added_at, creator_id",
    },
    Section {
        name: "playlists",
        sql: "SELECT to_jsonb(t) || jsonb_build_object('tracks', (
                  SELECT coalesce(jsonb_agg(to_jsonb(entry) - 'playlist_id' ORDER BY position), '[]')
                  FROM mus_playlist_tracks AS entry WHERE playlist_id = t.id))
              FROM mus_playlists AS t WHERE user_id = $1 ORDER BY id",
    },
    Section {
        name: "likedPlaylists",
        sql: "SELECT to_jsonb(t) FROM mus_playlist_likes AS t WHERE user_id = $1 ORDER BY playlist_id",
    },
    Section {
        name: "followedPlaylists",
        sql: "SELECT to_jsonb(t) FROM mus_playlist_followers AS t WHERE user_id = $1 ORDER BY playlist_id",
    },
    Section {
        name: "collaborations",
        sql: "SELECT to_jsonb(t) FROM mus_playlist_collaborators AS t WHERE user_id = $1 ORDER BY playlist_id",
    },
    Section {
        name: "playlistActivities",
        sql: "SELECT to_jsonb(t) FROM mus_playlist_activities AS t WHERE user_id = $1 ORDER BY id",
    },
    Section {
        name: "circle",
        sql: "SELECT to_jsonb(t) FROM mus_creator_members AS t WHERE creator_id = $1
              UNION ALL SELECT to_jsonb(t) FROM mus_creator_members AS t WHERE member_id = $1",
    },
    Section {
        name: "renditions",
        sql: "SELECT to_jsonb(t) FROM mus_results AS t WHERE user_id = $1 ORDER BY id",
    },
    Section {
        name: "trackFeedback",
        sql: "SELECT to_jsonb(t) FROM mus_track_feedback AS t WHERE user_id = $1 ORDER BY track_id",
    },
    Section {
        name: "audioJobs",
        sql: "SELECT to_jsonb(t) FROM mus_audio_jobs AS t WHERE user_id = $1 ORDER BY id",
    },
];

/// The rows of a section, as they come.
pub(crate) async fn rows(
    connection: &mut Connection,
    section: &Section,
    user_id: Uuid,
) -> QueryResult<impl Stream<Item = QueryResult<AsJson<Value>>> + Send + use<>> {
    statement::<Jsonb>(section.sql).bind::<SqlUuid, _>(user_id).load_stream(connection).await
}

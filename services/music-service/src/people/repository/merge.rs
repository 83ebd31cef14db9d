//! Makes a guest's things an account's. Where both have one, the account's word counts and the plays of both.

use contracts::events::AccountMerged;
use database::statement;
use diesel::prelude::*;
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::take_time;
use crate::favorites::repository as favorites;
use crate::follows::repository as follows;
use crate::listeners;
use crate::plays;

const HOLD_PLAYLISTS: &str = "
    SELECT id FROM mus_playlists WHERE user_id = $1
        OR id IN (SELECT playlist_id FROM mus_playlist_likes WHERE user_id = $1)
        OR id IN (SELECT playlist_id FROM mus_playlist_followers WHERE user_id = $1)
    ORDER BY id FOR NO KEY UPDATE";

/// Plays that both reported under one id.
const SAME_PLAYS: &str = "
    SELECT guest.play_id FROM mus_recently_played AS guest
    JOIN mus_recently_played AS own ON own.user_id = $2 AND own.play_id = guest.play_id
    WHERE guest.user_id = $1";

/// `$1` is the guest, `$2` the account. First what both have, then what only the guest has.
const MOVE: [&str; 29] = [
    "UPDATE mus_recently_played SET user_id = $2 WHERE user_id = $1",
    "UPDATE mus_recently_played SET creator_id = $2 WHERE creator_id = $1",
    "UPDATE mus_favorite_tracks AS own SET rating = coalesce(own.rating, guest.rating),
         notes = coalesce(own.notes, guest.notes), added_at = least(own.added_at, guest.added_at),
         tags = CASE WHEN own.tags = '{}' THEN guest.tags ELSE own.tags END
     FROM mus_favorite_tracks AS guest
     WHERE own.user_id = $2 AND guest.user_id = $1 AND guest.track_id = own.track_id",
    "WITH overlap AS (DELETE FROM mus_favorite_tracks WHERE user_id = $1 AND track_id IN (
         SELECT track_id FROM mus_favorite_tracks WHERE user_id = $2) RETURNING track_id)
     UPDATE mus_tracks SET like_count = like_count - 1 FROM overlap WHERE mus_tracks.id = overlap.track_id",
    "UPDATE mus_favorite_tracks SET user_id = $2 WHERE user_id = $1",
    "UPDATE mus_favorite_albums AS own SET rating = coalesce(own.rating, guest.rating),
         added_at = least(own.added_at, guest.added_at),
         favorite_track_ids = CASE WHEN own.favorite_track_ids = '{}' THEN guest.favorite_track_ids
                                   ELSE own.favorite_track_ids END
     FROM mus_favorite_albums AS guest
     WHERE own.user_id = $2 AND guest.user_id = $1 AND guest.album_id = own.album_id",
    "WITH overlap AS (DELETE FROM mus_favorite_albums WHERE user_id = $1 AND album_id IN (
         SELECT album_id FROM mus_favorite_albums WHERE user_id = $2) RETURNING album_id)
     UPDATE mus_albums SET like_count = like_count - 1 FROM overlap WHERE mus_albums.id = overlap.album_id",
    "UPDATE mus_favorite_albums SET user_id = $2 WHERE user_id = $1",
    // Nobody follows themselves, nor the same creator twice.
    "DELETE FROM mus_followed_creators WHERE (user_id = $1 AND creator_id = $2) OR (user_id = $2 AND creator_id = $1)",
    "UPDATE mus_followed_creators AS own SET rating = coalesce(own.rating, guest.rating),
         added_at = least(own.added_at, guest.added_at)
     FROM mus_followed_creators AS guest
     WHERE own.user_id = $2 AND guest.user_id = $1 AND guest.creator_id = own.creator_id",
    "DELETE FROM mus_followed_creators WHERE user_id = $1 AND creator_id IN (
         SELECT creator_id FROM mus_followed_creators WHERE user_id = $2)",
    "UPDATE mus_followed_creators SET user_id = $2 WHERE user_id = $1",
    "DELETE FROM mus_followed_creators WHERE creator_id = $1 AND user_id IN (
         SELECT user_id FROM mus_followed_creators WHERE creator_id = $2)",
    "UPDATE mus_followed_creators SET creator_id = $2 WHERE creator_id = $1",
    "WITH overlap AS (DELETE FROM mus_playlist_likes WHERE user_id = $1 AND playlist_id IN (
         SELECT playlist_id FROM mus_playlist_likes WHERE user_id = $2) RETURNING playlist_id)
     UPDATE mus_playlists SET like_count = like_count - 1 FROM overlap WHERE mus_playlists.id = overlap.playlist_id",
    "UPDATE mus_playlist_likes SET user_id = $2 WHERE user_id = $1",
    "WITH overlap AS (DELETE FROM mus_playlist_followers WHERE user_id = $1 AND playlist_id IN (
         SELECT playlist_id FROM mus_playlist_followers WHERE user_id = $2) RETURNING playlist_id)
     UPDATE mus_playlists SET follower_count = follower_count - 1 FROM overlap WHERE mus_playlists.id = overlap.playlist_id",
    "UPDATE mus_playlist_followers SET user_id = $2 WHERE user_id = $1",
    "DELETE FROM mus_playlist_collaborators WHERE user_id = $1 AND playlist_id IN (
         SELECT playlist_id FROM mus_playlist_collaborators WHERE user_id = $2
         UNION ALL SELECT id FROM mus_playlists WHERE user_id = $2)",
    "UPDATE mus_playlist_collaborators SET user_id = $2 WHERE user_id = $1",
    "DELETE FROM mus_track_feedback WHERE user_id = $1 AND track_id IN (
         SELECT track_id FROM mus_track_feedback WHERE user_id = $2)",
    "DELETE FROM mus_creator_members AS guest WHERE (creator_id = $1 AND member_id IN (
         SELECT member_id FROM mus_creator_members WHERE creator_id = $2 UNION ALL SELECT $2))
         OR (member_id = $1 AND creator_id IN (
         SELECT creator_id FROM mus_creator_members WHERE member_id = $2 UNION ALL SELECT $2))",
    "UPDATE mus_creator_members SET creator_id = CASE WHEN creator_id = $1 THEN $2 ELSE creator_id END,
         member_id = CASE WHEN member_id = $1 THEN $2 ELSE member_id END WHERE creator_id = $1 OR member_id = $1",
    "UPDATE mus_playlist_activities SET user_id = CASE WHEN user_id = $1 THEN $2 ELSE user_id END,
         details = CASE WHEN details ->> 'userId' = $1::text THEN jsonb_set(details, '{userId}', to_jsonb($2::text))
                        ELSE details END
     WHERE user_id = $1 OR details ->> 'userId' = $1::text",
    // What a guest asked for is answered.
    "DELETE FROM mus_idempotency_keys WHERE user_id = $1 AND $2 <> $1",
    // What a person made is the person's; what a person changed last may be another's.
    "UPDATE mus_tracks SET created_by = $2 WHERE user_id = $1",
    "UPDATE mus_tracks SET updated_by = $2 WHERE updated_by = $1 AND (user_id = $1 OR updated_by <> user_id)",
    "UPDATE mus_albums SET created_by = $2 WHERE user_id = $1",
    "UPDATE mus_albums SET updated_by = $2 WHERE updated_by = $1 AND (user_id = $1 OR updated_by <> user_id)",
];

/// Columns that simply change hands.
const HANDS: [(&str, &str); 10] = [
    ("mus_track_feedback", "user_id"),
    ("mus_stream_sessions", "user_id"),
    ("mus_playlists", "user_id"),
    ("mus_playlist_tracks", "added_by"),
    ("mus_playlist_collaborators", "added_by"),
    ("mus_albums", "user_id"),
    ("mus_tracks", "user_id"),
    ("mus_tracks", "generated_by_user_id"),
    ("mus_results", "user_id"),
    ("mus_audio_jobs", "user_id"),
];

/// Merges a guest into an account, in the caller's transaction. Again, it finds nothing left to move.
pub(crate) async fn merge(connection: &mut AsyncPgConnection, merged: &AccountMerged) -> QueryResult<()> {
    let (guest, account) = (merged.guest_id, merged.user_id);
    take_time(connection).await?;
    // In one order, whoever merges whom.
    for user_id in [guest.min(account), guest.max(account)] {
        listeners::hold(connection, user_id).await?;
    }
    let _: Vec<Uuid> =
        statement::<SqlUuid>(HOLD_PLAYLISTS).bind::<SqlUuid, _>(guest).load(connection).await?;
    let twice: Vec<Uuid> = statement::<SqlUuid>(SAME_PLAYS)
        .bind::<SqlUuid, _>(guest)
        .bind::<SqlUuid, _>(account)
        .load(connection)
        .await?;
    for play_id in twice {
        plays::remove_one(connection, guest, play_id).await?;
    }
    for text in MOVE {
        let step = statement::<()>(text).bind::<SqlUuid, _>(guest).bind::<SqlUuid, _>(account);
        step.execute(connection).await?;
    }
    for (table, column) in HANDS {
        let hand = statement::<()>(format!("UPDATE {table} SET {column} = $2 WHERE {column} = $1"));
        hand.bind::<SqlUuid, _>(guest).bind::<SqlUuid, _>(account).execute(connection).await?;
    }
    let lyrics = statement::<()>("UPDATE mus_lyrics SET user_id = $2 WHERE user_id = $1");
    lyrics.bind::<SqlUuid, _>(guest).bind::<SqlUuid, _>(account).execute(connection).await?;
    count_anew(connection, account).await
}

/// Favourites and follows of the account count the plays of both.
async fn count_anew(connection: &mut AsyncPgConnection, user_id: Uuid) -> QueryResult<()> {
    let ids = async |connection: &mut AsyncPgConnection, text: &'static str| {
        let ids: QueryResult<Vec<Uuid>> =
            statement::<SqlUuid>(text).bind::<SqlUuid, _>(user_id).load(connection).await;
        ids
    };
    let tracks =
        ids(connection, "SELECT track_id FROM mus_favorite_tracks WHERE user_id = $1 ORDER BY 1").await?;
    let albums =
        ids(connection, "SELECT album_id FROM mus_favorite_albums WHERE user_id = $1 ORDER BY 1").await?;
    let creators =
        ids(connection, "SELECT creator_id FROM mus_followed_creators WHERE user_id = $1 ORDER BY 1").await?;
    favorites::count_plays_of_tracks(connection, user_id, &tracks).await?;
    favorites::count_plays_of_albums(connection, user_id, &albums).await?;
    favorites::refresh_completion(connection, &vec![user_id; albums.len()], &albums).await?;
    follows::count_plays(connection, user_id, &creators).await.map(drop)
}

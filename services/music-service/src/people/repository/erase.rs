//! Takes a person out of every table.

use std::collections::BTreeMap;

use contracts::events::{AccountErased, AccountRemoved};
use contracts::{EventType, FileOwner};
use database::statement;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::{SECTIONS, run, take_time};
use crate::albums::repository as albums;
use crate::events::OUTBOX;
use crate::favorites::repository as favorites;
use crate::listeners;
use crate::playlists::repository as playlists;
use crate::plays;
use crate::references;
use crate::tracks::repository as tracks;

/// Playlists that change, held before tracks and albums, as everybody does.
const HOLD_PLAYLISTS: &str = "
    SELECT id FROM mus_playlists WHERE user_id = $1
        OR id IN (SELECT playlist_id FROM mus_playlist_likes WHERE user_id = $1)
        OR id IN (SELECT playlist_id FROM mus_playlist_followers WHERE user_id = $1)
        OR id IN (SELECT entry.playlist_id FROM mus_playlist_tracks AS entry
                  JOIN mus_tracks AS track ON track.id = entry.track_id WHERE track.user_id = $1)
    ORDER BY id FOR NO KEY UPDATE";

/// What the person said of others' things, and the counts of it.
const SAID: [&str; 10] = [
    "WITH gone AS (DELETE FROM mus_favorite_tracks WHERE user_id = $1 RETURNING track_id)
     UPDATE mus_tracks SET like_count = like_count - 1 FROM gone WHERE mus_tracks.id = gone.track_id",
    "WITH gone AS (DELETE FROM mus_favorite_albums WHERE user_id = $1 RETURNING album_id)
     UPDATE mus_albums SET like_count = like_count - 1 FROM gone WHERE mus_albums.id = gone.album_id",
    "DELETE FROM mus_followed_creators WHERE user_id = $1 OR creator_id = $1",
    "WITH gone AS (DELETE FROM mus_playlist_likes WHERE user_id = $1 RETURNING playlist_id)
     UPDATE mus_playlists SET like_count = like_count - 1 FROM gone WHERE mus_playlists.id = gone.playlist_id",
    "WITH gone AS (DELETE FROM mus_playlist_followers WHERE user_id = $1 RETURNING playlist_id)
     UPDATE mus_playlists SET follower_count = follower_count - 1 FROM gone WHERE mus_playlists.id = gone.playlist_id",
    "DELETE FROM mus_playlist_collaborators WHERE user_id = $1",
    "DELETE FROM mus_stream_sessions WHERE user_id = $1",
    "DELETE FROM mus_track_feedback WHERE user_id = $1",
    "DELETE FROM mus_creator_members WHERE creator_id = $1 OR member_id = $1",
    "UPDATE mus_recently_played SET creator_id = '00000000-0000-0000-0000-000000000000' WHERE creator_id = $1",
];

/// The person's playlists, with all that others said of them.
const PLAYLISTS: [&str; 6] = [
    "DELETE FROM mus_playlist_activities WHERE playlist_id IN (SELECT id FROM mus_playlists WHERE user_id = $1)",
    "DELETE FROM mus_playlist_likes WHERE playlist_id IN (SELECT id FROM mus_playlists WHERE user_id = $1)",
    "DELETE FROM mus_playlist_followers WHERE playlist_id IN (SELECT id FROM mus_playlists WHERE user_id = $1)",
    "DELETE FROM mus_playlist_collaborators WHERE playlist_id IN (SELECT id FROM mus_playlists WHERE user_id = $1)",
    "DELETE FROM mus_playlist_tracks WHERE playlist_id IN (SELECT id FROM mus_playlists WHERE user_id = $1)",
    "DELETE FROM mus_playlists WHERE user_id = $1",
];

/// The tracks that go: all of them, or those that not everybody may hear.
const TRACKS_TO_GO: &str = "
    SELECT id FROM mus_tracks WHERE user_id = $1
        AND NOT ($2 AND deleted_at IS NULL AND visibility = 'public' AND status IN ('active', 'published'))
    ORDER BY id FOR UPDATE";

/// The albums that stay: those with tracks that stay.
const ALBUMS_TO_STAY: &str = "
    SELECT id FROM mus_albums WHERE user_id = $1 AND deleted_at IS NULL
        AND EXISTS (SELECT FROM mus_tracks AS track WHERE track.album_id = mus_albums.id)
    ORDER BY id FOR UPDATE";

/// Rows that lean on tracks that go, in the order in which they can.
const WITH_TRACKS: [&str; 7] = [
    "DELETE FROM mus_favorite_tracks WHERE track_id = ANY ($1)",
    "DELETE FROM mus_stream_analytics WHERE track_id = ANY ($1)",
    "UPDATE mus_audio_jobs SET result_id = NULL WHERE track_id = ANY ($1)",
    "DELETE FROM mus_results WHERE track_id = ANY ($1) AND NOT is_source",
    "DELETE FROM mus_audio_jobs WHERE track_id = ANY ($1)",
    "DELETE FROM mus_results WHERE track_id = ANY ($1)",
    "DELETE FROM mus_tracks WHERE id = ANY ($1)",
];

/// Playlists and albums that go, and with them their hold on their pictures.
const PICTURED_PLAYLISTS: &str = "
    SELECT id FROM mus_playlists WHERE user_id = $1 AND deleted_at IS NULL AND artwork_file_id IS NOT NULL";
const PICTURED_ALBUMS: &str = "
    SELECT id FROM mus_albums AS album WHERE user_id = $1 AND deleted_at IS NULL AND artwork_file_id IS NOT NULL
        AND NOT EXISTS (SELECT FROM mus_tracks AS track WHERE track.album_id = album.id)";

/// Albums that nothing is left of, and what others said of them.
const EMPTY_ALBUMS: [&str; 2] = [
    "DELETE FROM mus_favorite_albums WHERE album_id IN (SELECT id FROM mus_albums AS album WHERE user_id = $1
         AND NOT EXISTS (SELECT FROM mus_tracks AS track WHERE track.album_id = album.id))",
    "DELETE FROM mus_albums AS album WHERE user_id = $1
         AND NOT EXISTS (SELECT FROM mus_tracks AS track WHERE track.album_id = album.id)",
];

/// The person's words, also where they are sung to others' music.
const LYRICS: [&str; 2] = [
    "UPDATE mus_tracks SET lyrics_id = NULL, has_synced_lyrics = false
     WHERE lyrics_id IN (SELECT id FROM mus_lyrics WHERE user_id = $1)",
    "DELETE FROM mus_lyrics WHERE user_id = $1",
];

/// What is left with the person's name on it, handed to the tombstone or taken away.
const NAMES: [&str; 10] = [
    "UPDATE mus_albums SET user_id = '00000000-0000-0000-0000-000000000000',
         created_by = '00000000-0000-0000-0000-000000000000' WHERE user_id = $1",
    "UPDATE mus_albums SET updated_by = user_id WHERE updated_by = $1 AND updated_by <> user_id",
    "UPDATE mus_tracks SET user_id = '00000000-0000-0000-0000-000000000000',
         created_by = '00000000-0000-0000-0000-000000000000' WHERE user_id = $1",
    "UPDATE mus_tracks SET updated_by = user_id WHERE updated_by = $1 AND updated_by <> user_id",
    "UPDATE mus_tracks SET generated_by_user_id = NULL WHERE generated_by_user_id = $1",
    "UPDATE mus_results SET user_id = '00000000-0000-0000-0000-000000000000' WHERE user_id = $1",
    "UPDATE mus_audio_jobs SET user_id = '00000000-0000-0000-0000-000000000000' WHERE user_id = $1",
    "UPDATE mus_playlist_tracks SET added_by = '00000000-0000-0000-0000-000000000000' WHERE added_by = $1",
    "UPDATE mus_playlist_collaborators SET added_by = '00000000-0000-0000-0000-000000000000' WHERE added_by = $1",
    "UPDATE mus_playlist_activities SET user_id = '00000000-0000-0000-0000-000000000000',
         details = CASE WHEN details ->> 'userId' = $1::text THEN details - 'userId' ELSE details END
     WHERE user_id = $1 OR details ->> 'userId' = $1::text",
];

/// What was answered to the person, and told of them: plays are nobody's any more, and of what others still wait for only the name goes.
const TOLD: [&str; 3] = [
    "DELETE FROM mus_idempotency_keys WHERE user_id = $1 OR body::text LIKE '%' || $1 || '%'",
    "DELETE FROM mus_outbox WHERE (subject = $1::text OR data::text LIKE '%' || $1 || '%')
         AND (settled_at IS NOT NULL OR type IN ('music.track.played', 'music.play.deleted'))",
    "UPDATE mus_outbox SET subject = replace(subject, $1::text, '00000000-0000-0000-0000-000000000000'),
         data = replace(data::text, $1::text, '00000000-0000-0000-0000-000000000000')::jsonb
     WHERE subject = $1::text OR data::text LIKE '%' || $1 || '%'",
];

/// Erases a person, in the caller's transaction, and tells what went.
pub(crate) async fn erase(connection: &mut AsyncPgConnection, erased: &AccountErased) -> QueryResult<()> {
    let user_id = erased.user_id;
    take_time(connection).await?;
    listeners::hold(connection, user_id).await?;
    let _: Vec<Uuid> =
        statement::<SqlUuid>(HOLD_PLAYLISTS).bind::<SqlUuid, _>(user_id).load(connection).await?;
    let had = count(connection, user_id).await?;
    plays::remove_all(connection, user_id).await?;
    run(connection, &SAID, user_id).await?;
    release(connection, FileOwner::Playlist, PICTURED_PLAYLISTS, user_id).await?;
    run(connection, &PLAYLISTS, user_id).await?;
    erase_tracks(connection, erased).await?;
    release(connection, FileOwner::Album, PICTURED_ALBUMS, user_id).await?;
    run(connection, &EMPTY_ALBUMS, user_id).await?;
    run(connection, &LYRICS, user_id).await?;
    // What is the person's still is what stays.
    let kept = count(connection, user_id).await?;
    run(connection, &NAMES, user_id).await?;
    run(connection, &TOLD, user_id).await?;
    let answer = AccountRemoved::of(erased.request_id, had, kept);
    OUTBOX.enqueue(connection, EventType::MusicErased, vec![(erased.request_id, answer)]).await
}

/// What the person has, by the names of the export.
async fn count(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
) -> QueryResult<BTreeMap<&'static str, i64>> {
    let mut counts = BTreeMap::new();
    for section in &SECTIONS {
        let rows = statement::<BigInt>(format!("SELECT count(*) FROM ({}) AS rows", section.sql));
        let rows: i64 = rows.bind::<SqlUuid, _>(user_id).get_result(connection).await?;
        counts.insert(section.name, rows);
    }
    Ok(counts)
}

async fn release(
    connection: &mut AsyncPgConnection,
    kind: FileOwner,
    going: &'static str,
    user_id: Uuid,
) -> QueryResult<()> {
    let going: Vec<Uuid> = statement::<SqlUuid>(going).bind::<SqlUuid, _>(user_id).load(connection).await?;
    references::release_all(connection, kind, &going).await
}

async fn erase_tracks(connection: &mut AsyncPgConnection, erased: &AccountErased) -> QueryResult<()> {
    let going: Vec<Uuid> = statement::<SqlUuid>(TRACKS_TO_GO)
        .bind::<SqlUuid, _>(erased.user_id)
        .bind::<Bool, _>(erased.keep_public_tracks)
        .load(connection)
        .await?;
    let rows = tracks::list_any(connection, &going).await?;
    let live: Vec<_> = rows.into_iter().filter(|track| track.deleted_at.is_none()).collect();
    tracks::tell(connection, EventType::TrackDeleted, &live).await?;
    playlists::remove_everywhere(connection, &going, (Uuid::nil(), contracts::clock::now())).await?;
    for text in WITH_TRACKS {
        let delete = statement::<()>(text);
        delete.bind::<diesel::sql_types::Array<SqlUuid>, _>(&going).execute(connection).await?;
    }
    let staying: Vec<Uuid> =
        statement::<SqlUuid>(ALBUMS_TO_STAY).bind::<SqlUuid, _>(erased.user_id).load(connection).await?;
    for album_id in staying {
        albums::refresh_totals(connection, album_id).await?;
        favorites::follow_album(connection, album_id).await?;
    }
    Ok(())
}

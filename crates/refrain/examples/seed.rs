//! Fills the music database of a running `refrain up` with music, plays, favourites, follows and playlists of a thousand people, one of
//! whom is an account: `seed <data dir> <email> <tracks> <plays>`. For measuring; counters are set by `refrain reconcile --fix`.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, bail};
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use embedded_postgres::Endpoint;
use uuid::Uuid;

/// What is written, in this order. `$person(n)` is the id of the n-th person, `$album(n)` and so on alike.
const STEPS: [(&str, &str); 9] = [
    (
        "albums",
        "INSERT INTO mus_albums (id, user_id, title, genres, type, total_tracks, total_duration, is_explicit, visibility,
             status, play_count, like_count, metadata, created_by, updated_by, created_at, updated_at)
         SELECT $album(n), $person(n), 'Album ' || n,
             ARRAY[(ARRAY['jazz', 'folk', 'rock', 'techno', 'choir'])[n % 5 + 1]], 'album', 0, 0, false,
             CASE WHEN n % 2 = 0 THEN 'public' ELSE 'personal' END, 'published', 0, 0, '{}', $person(n), $person(n), now(), now()
         FROM generate_series(0, $tracks / 20 - 1) AS n ON CONFLICT DO NOTHING",
    ),
    (
        "tracks",
        "INSERT INTO mus_tracks (id, user_id, album_id, title, duration, file_id, genres, tags, track_number, status, quality,
             file_size, mime_type, is_explicit, play_count, skip_count, like_count, language, mood, visibility, metadata,
             created_by, updated_by, created_at, updated_at)
         SELECT $track(n), $person(n), $album(n % ($tracks / 20)), 'Song of ' || md5(n::text),
             120 + n % 240, gen_random_uuid(), ARRAY[(ARRAY['jazz', 'folk', 'rock', 'techno', 'choir'])[n % 5 + 1]], '{}',
             n / ($tracks / 20) + 1, 'active', 'high', 5000000, 'audio/mpeg', false, 0, 0, 0, (ARRAY['en', 'de', 'fr'])[n % 3 + 1],
             (ARRAY['calm', 'bright', 'dark', 'wild'])[n % 4 + 1],
             CASE WHEN n % 2 = 0 THEN 'public' ELSE 'personal' END, '{}', $person(n), $person(n), now(), now()
         FROM generate_series(0, $tracks - 1) AS n ON CONFLICT DO NOTHING",
    ),
    (
        "their renditions",
        "INSERT INTO mus_results (id, track_id, user_id, file_id, format, codec, file_size, duration, quality, is_source,
             play_count, download_count, created_at)
         SELECT gen_random_uuid(), id, user_id, file_id, mime_type, 'mp3', file_size, duration, quality, true, 0, 0, created_at
         FROM mus_tracks ON CONFLICT DO NOTHING",
    ),
    (
        "plays of a year",
        "INSERT INTO mus_recently_played (id, user_id, play_id, track_id, album_id, creator_id, played_at, duration,
             completion_rate, completion_source, context, device_type, device_source, skipped, request_digest, result_id)
         SELECT gen_random_uuid(), $person(n), gen_random_uuid(), $track(n * 7919 % $tracks),
             $album(n * 7919 % ($tracks / 20)), $person(n * 7919 % ($tracks / 20)),
             now() - ($plays - n) * (interval '1 year' / $plays), 100, (n % 10) / 10.0, 'client', '{\"source\": \"album\"}',
             (ARRAY['mobile', 'desktop', 'car'])[n % 3 + 1], 'request', n % 10 < 1, '',
             (SELECT id FROM mus_results WHERE track_id = $track(n * 7919 % $tracks))
         FROM generate_series(1::bigint, $plays) AS n",
    ),
    (
        "20 favourite tracks a person",
        "INSERT INTO mus_favorite_tracks (user_id, track_id, added_at, play_count, rating, tags, updated_at)
         SELECT $person(n), $track(n * 2 % $tracks), now(), 0, n % 5 + 1, '{}', now()
         FROM generate_series(0, 19999) AS n ON CONFLICT DO NOTHING",
    ),
    (
        "10 favourite albums a person",
        "INSERT INTO mus_favorite_albums (user_id, album_id, added_at, play_count, rating, favorite_track_ids, completion_rate, updated_at)
         SELECT $person(n), $album(n * 2 % ($tracks / 20)), now(), 0, n % 5 + 1, '{}', 0, now()
         FROM generate_series(0, 9999) AS n ON CONFLICT DO NOTHING",
    ),
    (
        "10 follows a person",
        "INSERT INTO mus_followed_creators (user_id, creator_id, added_at, play_count, notifications_enabled, updated_at)
         SELECT $person(n), $person((n + n / 1000 + 1)), now(), 0, true, now() FROM generate_series(0, 9999) AS n ON CONFLICT DO NOTHING",
    ),
    (
        "2,000 playlists of 50 tracks",
        "INSERT INTO mus_playlists (id, user_id, name, visibility, category, playlist_type, tags, status, track_count,
             total_duration, play_count, like_count, follower_count, metadata, created_at, updated_at)
         SELECT $playlist(n), $person(n), 'List ' || n, 'public', 'user', 'manual', '{}', 'active', 0, 0, 0, 0, 0, '{}', now(), now()
         FROM generate_series(0, 1999) AS n;
         INSERT INTO mus_playlist_tracks (playlist_id, track_id, position, added_by, added_at, play_count)
         SELECT $playlist(n), $track((n * 50 + place) * 2 % $tracks), place, $person(n), now(), 0
         FROM generate_series(0, 1999) AS n, generate_series(0, 49) AS place",
    ),
    ("statistics for the planner", "VACUUM ANALYZE"),
];

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [data_dir, email, tracks, plays] = arguments.as_slice() else {
        bail!("usage: seed <data dir> <email of an account> <tracks> <plays>");
    };
    let (tracks, plays): (u32, u64) = (tracks.parse()?, plays.parse()?);
    let endpoint = Endpoint::of_running(&PathBuf::from(data_dir).join("postgres"))?;
    let endpoint = endpoint.context("no `refrain up` runs in this folder")?;
    let account = account(&endpoint.url("refrain_user"), email).await?;
    let mut music = AsyncPgConnection::establish(&endpoint.url("refrain_music")).await?;
    for (what, sql) in STEPS {
        let started = Instant::now();
        let sql = sql.replace("$tracks", &tracks.to_string()).replace("$plays", &plays.to_string());
        music.batch_execute(&with_ids(&sql, account)).await?;
        eprintln!("{what}: {:.1} s", started.elapsed().as_secs_f64());
    }
    eprintln!("now set the counters: refrain reconcile --fix");
    Ok(())
}

async fn account(url: &str, email: &str) -> anyhow::Result<Uuid> {
    #[derive(diesel::QueryableByName)]
    struct Account {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let mut users = AsyncPgConnection::establish(url).await?;
    #[expect(clippy::disallowed_methods, reason = "asked once")]
    let account = diesel::sql_query("SELECT id FROM usr_accounts WHERE email = $1")
        .bind::<diesel::sql_types::Text, _>(email)
        .get_result::<Account>(&mut users)
        .await;
    Ok(account.with_context(|| format!("no account has the address {email}"))?.id)
}

/// The statement with ids in it, made of a kind and a number; every thousandth person is the account.
fn with_ids(sql: &str, account: Uuid) -> String {
    let id = |kind: &str, number: &str| {
        format!("('00000000-0000-7000-{kind}-' || lpad(({number})::text, 12, '0'))::uuid")
    };
    let mut sql = sql.to_owned();
    for (name, kind) in
        [("$person(", "8000"), ("$track(", "9000"), ("$album(", "a000"), ("$playlist(", "b000")]
    {
        while let Some(start) = sql.find(name) {
            let from = start + name.len();
            let mut depth = 1;
            let length = sql[from..].chars().position(|letter| {
                depth += i32::from(letter == '(') - i32::from(letter == ')');
                depth == 0
            });
            let end = from + length.unwrap_or(0);
            let number = sql[from..end].to_owned();
            let written = if name == "$person(" {
                let person = id(kind, &format!("(({number}) % 1000)"));
                format!("CASE WHEN ({number}) % 1000 = 0 THEN '{account}'::uuid ELSE {person} END")
            } else {
                id(kind, &number)
            };
            sql.replace_range(start..=end, &written);
        }
    }
    sql
}

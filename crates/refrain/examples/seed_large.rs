//! Fills the music database of a running `refrain up` with a million tracks and ten million plays of a thousand people, one of
//! whom is an account: `just seed-large <data dir> <email>`. For measuring; counters are set by `refrain reconcile --fix`.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, bail};
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use embedded_postgres::Endpoint;
use uuid::Uuid;

/// What is written, in this order. `$person(n)` is the id of the n-th person.
const STEPS: [(&str, &str); 5] = [
    (
        "50,000 albums",
        "INSERT INTO mus_albums (id, user_id, title, genres, type, total_tracks, total_duration, is_explicit, visibility,
             status, play_count, like_count, metadata, created_by, updated_by, created_at, updated_at)
         SELECT ('00000000-0000-7000-a000-' || lpad(n::text, 12, '0'))::uuid, $person(n), 'Album ' || n,
             ARRAY[(ARRAY['jazz', 'folk', 'rock', 'techno', 'choir'])[n % 5 + 1]], 'album', 0, 0, false,
             CASE WHEN n % 2 = 0 THEN 'public' ELSE 'personal' END, 'published', 0, 0, '{}', $person(n), $person(n), now(), now()
         FROM generate_series(0, 49999) AS n",
    ),
    (
        "1,000,000 tracks",
        "INSERT INTO mus_tracks (id, user_id, album_id, title, duration, file_id, genres, tags, track_number, status, quality,
             file_size, mime_type, is_explicit, play_count, skip_count, like_count, language, mood, visibility, metadata,
             created_by, updated_by, created_at, updated_at)
         SELECT ('00000000-0000-7000-9000-' || lpad(n::text, 12, '0'))::uuid, $person(n),
             ('00000000-0000-7000-a000-' || lpad((n % 50000)::text, 12, '0'))::uuid, 'Song of ' || md5(n::text),
             120 + n % 240, gen_random_uuid(), ARRAY[(ARRAY['jazz', 'folk', 'rock', 'techno', 'choir'])[n % 5 + 1]], '{}',
             n / 50000 + 1, 'active', 'high', 5000000, 'audio/mpeg', false, 0, 0, 0, (ARRAY['en', 'de', 'fr'])[n % 3 + 1],
             (ARRAY['calm', 'bright', 'dark', 'wild'])[n % 4 + 1],
             CASE WHEN n % 2 = 0 THEN 'public' ELSE 'personal' END, '{}', $person(n), $person(n), now(), now()
         FROM generate_series(0, 999999) AS n",
    ),
    (
        "their renditions",
        "INSERT INTO mus_results (id, track_id, user_id, file_id, format, codec, file_size, duration, quality, is_source,
             play_count, download_count, created_at)
         SELECT gen_random_uuid(), id, user_id, file_id, mime_type, 'mp3', file_size, duration, quality, true, 0, 0, created_at
         FROM mus_tracks",
    ),
    (
        "10,000,000 plays of a year",
        "INSERT INTO mus_recently_played (id, user_id, play_id, track_id, album_id, creator_id, played_at, duration,
             completion_rate, completion_source, context, device_type, device_source, skipped, request_digest)
         SELECT gen_random_uuid(), $person(n), gen_random_uuid(),
             ('00000000-0000-7000-9000-' || lpad(((n * 7919) % 1000000)::text, 12, '0'))::uuid,
             ('00000000-0000-7000-a000-' || lpad(((n * 7919) % 50000)::text, 12, '0'))::uuid, $person((n * 7919)),
             now() - (10000000 - n) * interval '3 seconds', 100, (n % 10) / 10.0, 'client', '{\"source\": \"album\"}',
             (ARRAY['mobile', 'desktop', 'car'])[n % 3 + 1], 'request', n % 10 < 1, ''
         FROM generate_series(1::bigint, 10000000) AS n",
    ),
    ("statistics for the planner", "ANALYZE mus_albums; ANALYZE mus_tracks; ANALYZE mus_results; ANALYZE mus_recently_played"),
];

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(data_dir), Some(email)) = (arguments.next(), arguments.next()) else {
        bail!("usage: seed_large <data dir> <email of an account>");
    };
    let endpoint = Endpoint::of_running(&PathBuf::from(data_dir).join("postgres"))?;
    let endpoint = endpoint.context("no `refrain up` runs in this folder")?;
    let account = account(&endpoint.url("refrain_user"), &email).await?;
    let mut music = AsyncPgConnection::establish(&endpoint.url("refrain_music")).await?;
    for (what, sql) in STEPS {
        let started = Instant::now();
        music.batch_execute(&with_people(sql, account)).await?;
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

/// The statement with the ids of people in it: every thousandth is the account.
fn with_people(sql: &str, account: Uuid) -> String {
    let person = |number: &str| {
        format!(
            "CASE WHEN {number} % 1000 = 0 THEN '{account}'::uuid
                  ELSE ('00000000-0000-7000-8000-' || lpad(({number} % 1000)::text, 12, '0'))::uuid END"
        )
    };
    sql.replace("$person((n * 7919))", &person("(n * 7919)")).replace("$person(n)", &person("n"))
}

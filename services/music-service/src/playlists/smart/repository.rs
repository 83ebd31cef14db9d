//! What rules give, asked of the database.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use contracts::music::rules::{MAX_LIMIT, Rules, Test};
use contracts::{PlaylistStatus, Visibility};
use database::{AsJson, AsText};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Nullable, Uuid as SqlUuid};
use diesel_async::methods::LoadQuery;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::compile::Compiler;
use super::fields::{Place, is_of_hearing, place_of};
use super::narrow::Narrow;
use super::program::{Known, MAX_NESTED, Program, targets};
use super::sql::Built;
use crate::circles;
use crate::schema::{mus_playlist_collaborators, mus_playlists, mus_tracks};
use crate::visibility::{Viewer, VisibleTo};

/// What an index finds is counted so far.
const MOST_COUNTED: u32 = 1_000;
/// Tracks that are looked at for tests which no index knows.
const MOST_LOOKED_AT: i64 = 20_000;

/// The tracks that rules give, in their order.
pub(crate) async fn list(
    connection: &mut AsyncPgConnection,
    program: &Program,
    now: DateTime<Utc>,
) -> QueryResult<Vec<Uuid>> {
    list_most(connection, program, now, MAX_LIMIT).await
}

/// As many of them as are counted at most, and whether these are all.
pub(crate) async fn list_first(
    connection: &mut AsyncPgConnection,
    program: &Program,
    now: DateTime<Utc>,
) -> QueryResult<(Vec<Uuid>, bool)> {
    let mut found = list_most(connection, program, now, MOST_COUNTED + 1).await?;
    let most = usize::try_from(MOST_COUNTED).unwrap_or(usize::MAX);
    let is_exact = found.len() <= most;
    found.truncate(most);
    Ok((found, is_exact))
}

async fn list_most(
    connection: &mut AsyncPgConnection,
    program: &Program,
    now: DateTime<Utc>,
    most: u32,
) -> QueryResult<Vec<Uuid>> {
    let mut compiler = Compiler::new(program, now);
    compiler.tracks(most);
    with_values(connection, compiler.sql.returning::<SqlUuid>()).await
}

/// Runs a query planned for its values: whether an index is worth its way depends on how many tracks have the word.
async fn with_values<ST, U>(connection: &mut AsyncPgConnection, query: Built<ST>) -> QueryResult<Vec<U>>
where
    Built<ST>: for<'q> LoadQuery<'q, AsyncPgConnection, U> + Send,
    ST: Send,
    U: Send,
{
    connection
        .transaction(async |connection| {
            connection.batch_execute("SET LOCAL plan_cache_mode = force_custom_plan").await?;
            query.load(connection).await
        })
        .await
}

/// How many of the tracks that the owner may play hold each test of the rules, whatever the others say, and whether that is all of
/// them. What an index finds is counted up to [`MOST_COUNTED`]; the rest among the newest [`MOST_LOOKED_AT`] tracks, in one pass.
pub(crate) async fn count_each(
    connection: &mut AsyncPgConnection,
    program: &Program,
    now: DateTime<Utc>,
) -> QueryResult<Vec<(i64, bool)>> {
    let tests: Vec<_> =
        program.rules.condition.tests().into_iter().map(|test| (test, Narrow::of_test(test))).collect();
    let (indexed, others): (Vec<_>, Vec<_>) = tests.iter().partition(|(_, narrow)| narrow.is_indexed());
    let oldest = if others.is_empty() { None } else { oldest_looked_at(connection).await? };
    let mut compiler = Compiler::new(program, now);
    compiler.sql.push("WITH ");
    compiler.heard();
    compiler.sql.push(" SELECT ARRAY[");
    for (test, narrow) in indexed {
        compiler.sql.push("(SELECT count(*) FROM (SELECT ");
        compiler.narrowed(narrow, is_of_hearing(test.field));
        // The index of words knows all of such a test. Asked again, the planner would take a walk that soon ends for a long one.
        if narrow.facets.is_empty() {
            compiler.sql.push(" AND ");
            compiler.test(test);
        }
        compiler.sql.push(&format!(" LIMIT {}) AS found), ", MOST_COUNTED + 1));
    }
    // An array is never empty: the last is nobody's.
    compiler.sql.push("0]::bigint[], ");
    if others.is_empty() {
        compiler.sql.push("'{}'::bigint[]");
    } else {
        let hears = others.iter().any(|(test, _)| is_of_hearing(test.field));
        compiler.sql.push("(SELECT ARRAY[");
        for (place, (test, _)) in others.into_iter().enumerate() {
            compiler.sql.push(if place == 0 {
                "count(*) FILTER (WHERE "
            } else {
                ", count(*) FILTER (WHERE "
            });
            compiler.test(test);
            compiler.sql.push(")");
        }
        compiler.sql.push("] ");
        compiler.source(&Narrow::default(), hears);
        compiler.playable();
        compiler.sql.push(" AND track.id > ");
        compiler.sql.id(oldest.unwrap_or_default());
        compiler.sql.push(")");
    }
    type Counts = (Array<BigInt>, Array<BigInt>);
    let (found, looked_for): (Vec<i64>, Vec<i64>) =
        with_values(connection, compiler.sql.returning::<Counts>()).await?.remove(0);
    let most = i64::from(MOST_COUNTED);
    let (mut found, mut looked_for) = (found.into_iter(), looked_for.into_iter());
    Ok(tests
        .iter()
        .map(|(_, narrow)| match narrow.is_indexed() {
            true => found.next().map_or((0, true), |n| (n.min(most), n <= most)),
            false => (looked_for.next().unwrap_or_default(), oldest.is_none()),
        })
        .collect())
}

/// The track behind the newest ones that are looked at; none when these are all.
async fn oldest_looked_at(mut connection: &AsyncPgConnection) -> QueryResult<Option<Uuid>> {
    let live = mus_tracks::table.filter(mus_tracks::deleted_at.is_null()).order(mus_tracks::id.desc());
    let behind = live.offset(MOST_LOOKED_AT).select(mus_tracks::id);
    behind.first(&mut connection).await.optional()
}

/// Whether each test of the rules holds for a track, with what the track has there; and whether all of them together do.
pub(crate) async fn explain(
    mut connection: &AsyncPgConnection,
    program: &Program,
    track_id: Uuid,
    now: DateTime<Utc>,
) -> QueryResult<Vec<(bool, Value)>> {
    let tests = program.rules.condition.tests();
    let mut compiler = Compiler::new(program, now);
    compiler.sql.push("WITH ");
    compiler.heard();
    compiler.sql.push(" SELECT answer.holds, answer.actual ");
    compiler.source(&Narrow::default(), compiler.hears());
    compiler.sql.push(" CROSS JOIN LATERAL (VALUES (-1, ");
    compiler.condition(&program.rules.condition);
    compiler.sql.push(", NULL::jsonb)");
    for (index, test) in tests.iter().enumerate() {
        compiler.sql.push(&format!(", ({index}, "));
        compiler.test(test);
        compiler.sql.push(", ");
        actual(&mut compiler, test);
        compiler.sql.push(")");
    }
    compiler.sql.push(") AS answer (place, holds, actual) WHERE track.id = ");
    compiler.sql.id(track_id);
    compiler.sql.push(" ORDER BY answer.place");
    let rows: Vec<(bool, Option<AsJson<Value>>)> =
        compiler.sql.returning::<(Bool, Nullable<Jsonb>)>().load(&mut connection).await?;
    Ok(rows
        .into_iter()
        .map(|(holds, actual)| (holds, actual.map_or(Value::Null, |actual| actual.0)))
        .collect())
}

fn actual(compiler: &mut Compiler<'_>, test: &Test) {
    match place_of(test.field, compiler.program.rules.timezone) {
        Place::One(column) => compiler.sql.push(&format!("to_jsonb({column})")),
        Place::Many(array) => compiler.sql.push(&format!("to_jsonb({array})")),
        Place::OfPlays(column) => {
            compiler.sql.push(&format!(
                "(SELECT coalesce(jsonb_agg(DISTINCT {column}), '[]') FROM mus_recently_played AS play
                  WHERE play.track_id = track.id AND play.user_id = "
            ));
            compiler.sql.id(compiler.program.owner);
            compiler.sql.push(")");
        }
        Place::Track => compiler.sql.push("to_jsonb(track.id)"),
    }
}

/// Those of the tracks, in their order, that a reader may see.
pub(crate) async fn keep_visible(
    mut connection: &AsyncPgConnection,
    track_ids: Vec<Uuid>,
    viewer: Viewer,
) -> QueryResult<Vec<Uuid>> {
    let visible: Vec<Uuid> = mus_tracks::table
        .filter(mus_tracks::id.eq_any(&track_ids))
        .filter(mus_tracks::deleted_at.is_null())
        .filter(VisibleTo::track(viewer))
        .select(mus_tracks::id)
        .load(&mut connection)
        .await?;
    let visible: std::collections::HashSet<_> = visible.into_iter().collect();
    Ok(track_ids.into_iter().filter(|id| visible.contains(id)).collect())
}

/// The playlists that an owner's rules refer to, those that these refer to, and so on.
pub(crate) async fn load_referenced(
    connection: &AsyncPgConnection,
    owner: Uuid,
    rules: &Rules,
) -> QueryResult<HashMap<Uuid, Known>> {
    let mut known = HashMap::new();
    let mut viewers = vec![owner];
    let mut wanted = targets(rules);
    for _ in 0..=MAX_NESTED {
        if wanted.is_empty() {
            break;
        }
        let found = load_known(connection, &wanted, &viewers).await?;
        viewers.extend(found.values().map(|playlist| playlist.owner));
        wanted = found.values().filter_map(|playlist| playlist.rules.as_ref()).flat_map(targets).collect();
        known.extend(found);
        wanted.retain(|id| !known.contains_key(id));
    }
    Ok(known)
}

type KnownRow = (Uuid, Uuid, AsText<Visibility>, AsText<PlaylistStatus>, Option<AsJson<Map<String, Value>>>);

async fn load_known(
    mut connection: &AsyncPgConnection,
    ids: &[Uuid],
    viewers: &[Uuid],
) -> QueryResult<HashMap<Uuid, Known>> {
    use mus_playlist_collaborators as collaborators;
    let playlists: Vec<KnownRow> = mus_playlists::table
        .filter(mus_playlists::id.eq_any(ids))
        .filter(mus_playlists::deleted_at.is_null())
        .select((
            mus_playlists::id,
            mus_playlists::user_id,
            mus_playlists::visibility,
            mus_playlists::status,
            mus_playlists::rules,
        ))
        .load(&mut connection)
        .await?;
    let people: Vec<(Uuid, Uuid)> = collaborators::table
        .filter(collaborators::playlist_id.eq_any(ids))
        .select((collaborators::playlist_id, collaborators::user_id))
        .load(&mut connection)
        .await?;
    let owners: Vec<Uuid> = playlists.iter().map(|(_, owner, ..)| *owner).collect();
    let circles = circles::repository::list_among(connection, &owners, viewers).await?;
    let known = playlists.into_iter().map(|(id, owner, visibility, status, rules)| {
        let is_out = status.0 == PlaylistStatus::Active;
        let mut seen_by: Vec<Uuid> =
            people.iter().filter(|(playlist, _)| *playlist == id).map(|(_, who)| *who).collect();
        if is_out && visibility.0 == Visibility::Shared {
            seen_by.extend(circles.iter().filter(|(creator, _)| *creator == owner).map(|(_, who)| *who));
        }
        let is_public = is_out && visibility.0 == Visibility::Public;
        // Rules that were stored hold; were they to be read otherwise some day, the playlist is its pins.
        let rules = rules.and_then(|rules| Rules::parse(&rules.0).ok());
        (id, Known { owner, is_public, seen_by, rules })
    });
    Ok(known.collect())
}

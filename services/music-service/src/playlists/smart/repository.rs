//! What rules give, asked of the database.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use contracts::Visibility;
use contracts::music::rules::{Rules, Test};
use database::{AsJson, AsText};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Nullable, Uuid as SqlUuid};
use diesel_async::methods::LoadQuery;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::compile::Compiler;
use super::fields::{Place, place_of};
use super::narrow::Narrow;
use super::program::{Known, MAX_NESTED, Program, targets};
use super::sql::Built;
use crate::circles;
use crate::schema::{mus_playlist_collaborators, mus_playlists, mus_tracks};
use crate::visibility::{Viewer, VisibleTo};

/// What an index finds of one test is counted so far.
const MOST_COUNTED: i64 = 1_000;
/// Tracks that are looked at for tests which no index knows.
const MOST_LOOKED_AT: i64 = 20_000;

/// The tracks that rules give, in their order.
pub(crate) async fn list(
    connection: &mut AsyncPgConnection,
    program: &Program,
    now: DateTime<Utc>,
) -> QueryResult<Vec<Uuid>> {
    let mut compiler = Compiler::new(program, now);
    compiler.tracks();
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
    let mut compiler = Compiler::new(program, now);
    compiler.sql.push(&format!(
        "WITH newest AS (SELECT * FROM mus_tracks WHERE deleted_at IS NULL ORDER BY id DESC LIMIT {MOST_LOOKED_AT}), "
    ));
    compiler.heard();
    compiler.sql.push(" SELECT (SELECT ARRAY[count(*) FILTER (WHERE false)");
    for (test, _) in tests.iter().filter(|(_, narrow)| !narrow.is_indexed()) {
        compiler.sql.push(", count(*) FILTER (WHERE ");
        compiler.test(test);
        compiler.sql.push(")");
    }
    compiler.sql.push("] ");
    compiler.source("newest", &Narrow::default());
    compiler.playable();
    compiler.sql.push("), ARRAY[");
    for (test, narrow) in tests.iter().filter(|(_, narrow)| narrow.is_indexed()) {
        compiler.sql.push("(SELECT count(*) FROM (SELECT ");
        compiler.narrowed(narrow);
        compiler.sql.push(" AND ");
        compiler.test(test);
        compiler.sql.push(&format!(" LIMIT {}) AS found), ", MOST_COUNTED + 1));
    }
    compiler.sql.push("0]::bigint[], (SELECT count(*) FROM newest)");
    type Counts = (Array<BigInt>, Array<BigInt>, BigInt);
    let (looked_for, found, looked_at): (Vec<i64>, Vec<i64>, i64) =
        with_values(connection, compiler.sql.returning::<Counts>()).await?.remove(0);
    // The first of these is nobody's: an array is never empty.
    let (mut looked_for, mut found) = (looked_for.into_iter().skip(1), found.into_iter());
    Ok(tests
        .iter()
        .map(|(_, narrow)| match narrow.is_indexed() {
            true => found.next().map_or((0, true), |n| (n.min(MOST_COUNTED), n <= MOST_COUNTED)),
            false => (looked_for.next().unwrap_or_default(), looked_at < MOST_LOOKED_AT),
        })
        .collect())
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
    compiler.source("mus_tracks", &Narrow::default());
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

type KnownRow = (Uuid, Uuid, AsText<Visibility>, Option<AsJson<Map<String, Value>>>);

async fn load_known(
    mut connection: &AsyncPgConnection,
    ids: &[Uuid],
    viewers: &[Uuid],
) -> QueryResult<HashMap<Uuid, Known>> {
    use mus_playlist_collaborators as collaborators;
    let playlists: Vec<KnownRow> = mus_playlists::table
        .filter(mus_playlists::id.eq_any(ids))
        .filter(mus_playlists::deleted_at.is_null())
        .select((mus_playlists::id, mus_playlists::user_id, mus_playlists::visibility, mus_playlists::rules))
        .load(&mut connection)
        .await?;
    let people: Vec<(Uuid, Uuid)> = collaborators::table
        .filter(collaborators::playlist_id.eq_any(ids))
        .select((collaborators::playlist_id, collaborators::user_id))
        .load(&mut connection)
        .await?;
    let owners: Vec<Uuid> = playlists.iter().map(|(_, owner, ..)| *owner).collect();
    let circles = circles::repository::list_among(connection, &owners, viewers).await?;
    let known = playlists.into_iter().map(|(id, owner, visibility, rules)| {
        let mut seen_by: Vec<Uuid> =
            people.iter().filter(|(playlist, _)| *playlist == id).map(|(_, who)| *who).collect();
        if visibility.0 == Visibility::Shared {
            seen_by.extend(circles.iter().filter(|(creator, _)| *creator == owner).map(|(_, who)| *who));
        }
        let is_public = visibility.0 == Visibility::Public;
        // Rules that were stored hold; were they to be read otherwise some day, the playlist is its pins.
        let rules = rules.and_then(|rules| Rules::parse(&rules.0).ok());
        (id, Known { owner, is_public, seen_by, rules })
    });
    Ok(known.collect())
}

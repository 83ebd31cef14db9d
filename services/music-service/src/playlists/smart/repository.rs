//! What rules give, asked of the database.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use contracts::Visibility;
use contracts::music::rules::{Rules, Test};
use database::{AsJson, AsText};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Nullable, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::compile::Compiler;
use super::fields::{Place, place_of};
use super::narrow::Narrow;
use super::program::{Known, MAX_NESTED, Program, targets};
use crate::circles;
use crate::schema::{mus_playlist_collaborators, mus_playlists, mus_tracks};
use crate::visibility::{Viewer, VisibleTo};

/// The tracks that rules give, in their order.
pub(crate) async fn list(
    mut connection: &AsyncPgConnection,
    program: &Program,
    now: DateTime<Utc>,
) -> QueryResult<Vec<Uuid>> {
    let mut compiler = Compiler::new(program, now);
    compiler.tracks();
    compiler.sql.returning::<SqlUuid>().load(&mut connection).await
}

/// How many of the tracks that the owner may play hold each test of the rules, whatever the others say; one pass for all.
pub(crate) async fn count_each(
    mut connection: &AsyncPgConnection,
    program: &Program,
    now: DateTime<Utc>,
) -> QueryResult<Vec<i64>> {
    let mut compiler = Compiler::new(program, now);
    compiler.sql.push("WITH ");
    compiler.heard();
    compiler.sql.push(" SELECT ARRAY[");
    for (index, test) in program.rules.condition.tests().into_iter().enumerate() {
        compiler.sql.push(if index == 0 { "count(*) FILTER (WHERE " } else { ", count(*) FILTER (WHERE " });
        compiler.test(test);
        compiler.sql.push(")");
    }
    compiler.sql.push("]::bigint[] ");
    compiler.source(Narrow::default());
    compiler.playable();
    compiler.sql.returning::<Array<BigInt>>().get_result(&mut connection).await
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
    compiler.source(Narrow::default());
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

//! Tracks by their titles, for the import of playlists.

use database::statement;
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Double, Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::super::exchange::matching::Candidate;

type Columns = (SqlUuid, Bool, Text, Double, Nullable<Text>);
type Row = (Uuid, bool, String, f64, Option<String>);

/// Texts as searches compare them, in their order.
pub(crate) async fn fold_all(
    mut connection: &AsyncPgConnection,
    texts: &[String],
) -> QueryResult<Vec<String>> {
    statement::<Text>(
        "SELECT mus_fold(text) FROM unnest($1) WITH ORDINALITY AS each (text, place) ORDER BY place",
    )
    .bind::<Array<Text>, _>(texts)
    .load(&mut connection)
    .await
}

/// A person's own tracks and public ones that have one of the titles; served by `mus_tracks_of_user_by_title` and
/// `mus_tracks_public_by_title`.
pub(crate) async fn list_titled(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    titles: &[String],
) -> QueryResult<Vec<Candidate>> {
    let rows: Vec<Row> = statement::<Columns>(
        "WITH wanted AS (SELECT DISTINCT mus_fold(title) AS folded FROM unnest($2) AS title)
         SELECT track.id, true, wanted.folded, track.duration, track.metadata ->> 'artist'
         FROM wanted JOIN mus_tracks AS track ON mus_fold(track.title) = wanted.folded
         WHERE track.user_id = $1 AND track.deleted_at IS NULL AND track.status IN ('active', 'published')
         UNION ALL
         SELECT track.id, false, wanted.folded, track.duration, track.metadata ->> 'artist'
         FROM wanted CROSS JOIN LATERAL (
             SELECT * FROM mus_tracks AS public WHERE mus_fold(public.title) = wanted.folded
                 AND public.visibility = 'public' AND public.status IN ('active', 'published') AND public.user_id <> $1
             LIMIT 20) AS track",
    )
    .bind::<SqlUuid, _>(user_id)
    .bind::<Array<Text>, _>(titles)
    .load(&mut connection)
    .await?;
    let candidates = rows.into_iter().map(|(id, is_own, folded, duration, artist)| Candidate {
        id,
        is_own,
        folded,
        duration,
        artist,
    });
    Ok(candidates.collect())
}

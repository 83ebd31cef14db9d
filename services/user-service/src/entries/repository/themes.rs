//! What entries are about.

use contracts::TextEnum;
use database::statement;
use diesel::prelude::*;
use diesel::sql_types::{Array, Double, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::super::analysis::Theme;
use crate::profiling::repository as profiling;
use crate::schema::lib_entry_themes;

/// Says anew what an entry is about, and counts what it was and is about.
pub(super) async fn replace(
    connection: &mut AsyncPgConnection,
    (user_id, entry_id): (Uuid, Uuid),
    themes: &[Theme],
) -> QueryResult<()> {
    let before = diesel::delete(lib_entry_themes::table.filter(lib_entry_themes::entry_id.eq(entry_id)));
    let mut changed: Vec<String> = before.returning(lib_entry_themes::theme).get_results(connection).await?;
    changed.extend(themes.iter().map(|theme| theme.theme.clone()));
    let names: Vec<&str> = themes.iter().map(|theme| theme.theme.as_str()).collect();
    let sources: Vec<&str> = themes.iter().map(|theme| theme.source.as_str()).collect();
    let weights: Vec<f64> = themes.iter().map(|theme| theme.weight).collect();
    statement::<()>(
        "INSERT INTO lib_entry_themes (user_id, entry_id, theme, source, weight)
         SELECT $1, $2, theme, source, weight FROM unnest($3, $4, $5) AS each (theme, source, weight)",
    )
    .bind::<SqlUuid, _>(user_id)
    .bind::<SqlUuid, _>(entry_id)
    .bind::<Array<Text>, _>(names)
    .bind::<Array<Text>, _>(sources)
    .bind::<Array<Double>, _>(weights)
    .execute(connection)
    .await?;
    profiling::recount_themes(connection, user_id, &changed).await?;
    Ok(())
}

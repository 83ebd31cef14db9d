//! Weeks and months, in numbers.

use chrono::NaiveDate;
use contracts::{PeriodKind, TextEnum};
use database::{AsJson, statement};
use diesel::QueryResult;
use diesel::sql_types::{Date, Integer, Jsonb, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::super::domain::{Period, Snapshot};

/// Writes the week and the month of a day, one statement each: also when there was too little to look at, because zero is a
/// number as well.
pub(crate) async fn write(
    connection: &mut AsyncPgConnection,
    (user_id, zone): (Uuid, &str),
    today: NaiveDate,
    patterns: usize,
) -> QueryResult<()> {
    for kind in PeriodKind::ALL {
        let period = Period::of(*kind, today);
        statement::<()>(METRICS)
            .bind::<SqlUuid, _>(user_id)
            .bind::<Text, _>(period.name())
            .bind::<Text, _>(kind.as_str())
            .bind::<Date, _>(period.first)
            .bind::<Date, _>(period.last)
            .bind::<Integer, _>(i32::try_from(patterns).unwrap_or(i32::MAX))
            .bind::<Text, _>(zone)
            .execute(connection)
            .await?;
    }
    Ok(())
}

const METRICS: &str = "
    INSERT INTO usr_profile_metrics AS metrics (
        user_id, period, period_kind, period_start, insight_count, unique_themes, entry_count, plays, new_insights)
    SELECT $1, $2, $3, $4, $6,
        (SELECT count(*) FROM usr_profile_theme_frequencies WHERE user_id = $1),
        (SELECT count(*) FROM lib_entries WHERE user_id = $1 AND deleted_at IS NULL
            AND occurred_at >= ($4::date)::timestamp AT TIME ZONE $7 AND occurred_at < ($5::date + 1)::timestamp AT TIME ZONE $7),
        (SELECT coalesce(sum(plays), 0) FROM usr_listening_days WHERE user_id = $1 AND day BETWEEN $4 AND $5),
        (SELECT count(*) FROM usr_insights WHERE user_id = $1 AND withdrawn_at IS NULL AND deleted_at IS NULL
            AND generated_at >= ($4::date)::timestamp AT TIME ZONE $7 AND generated_at < ($5::date + 1)::timestamp AT TIME ZONE $7)
    ON CONFLICT (user_id, period) DO UPDATE SET
        insight_count = excluded.insight_count, unique_themes = excluded.unique_themes,
        entry_count = excluded.entry_count, plays = excluded.plays, new_insights = excluded.new_insights,
        updated_at = now()
    WHERE (metrics.insight_count, metrics.unique_themes, metrics.entry_count, metrics.plays, metrics.new_insights)
        IS DISTINCT FROM
          (excluded.insight_count, excluded.unique_themes, excluded.entry_count, excluded.plays, excluded.new_insights)";

/// Writes looks at the week and the month.
pub(in super::super) async fn write_analytics(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
    snapshots: &[Snapshot],
) -> QueryResult<usize> {
    statement::<()>(
        "INSERT INTO usr_profile_analytics AS known (
             user_id, analysis_type, timeframe, valid_from, valid_to, data, progress_indicators)
         SELECT $1, analysis_type, timeframe, valid_from, valid_to, data, progress_indicators
         FROM jsonb_to_recordset($2) AS new (
             analysis_type text, timeframe text, valid_from date, valid_to date, data jsonb, progress_indicators jsonb)
         ON CONFLICT (user_id, analysis_type, timeframe, valid_from) DO UPDATE
         SET data = excluded.data, progress_indicators = excluded.progress_indicators, computed_at = now()
         WHERE (known.data, known.progress_indicators) IS DISTINCT FROM (excluded.data, excluded.progress_indicators)",
    )
    .bind::<SqlUuid, _>(user_id)
    .bind::<Jsonb, _>(AsJson(snapshots))
    .execute(connection)
    .await
}

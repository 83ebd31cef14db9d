//! Everybody's plays of some days.

use chrono::NaiveDate;
use database::statement;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Double, Nullable};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// By person and track first: what is left is a fraction of the plays. The session's zone is UTC.
const COUNT: &str = "
SELECT count(DISTINCT user_id), coalesce(sum(plays), 0)::bigint, coalesce(sum(seconds), 0),
       sum(completion) / nullif(sum(told), 0), (sum(skips) / sum(plays))::double precision,
       (sum(plays - 1) / sum(plays))::double precision
FROM (SELECT user_id, count(*) AS plays, sum(duration) AS seconds, sum(completion_rate) AS completion,
             count(completion_rate) AS told, count(*) FILTER (WHERE skipped) AS skips
      FROM mus_recently_played
      WHERE played_at >= $1::timestamptz AND played_at < ($2 + 1)::timestamptz
      GROUP BY user_id, track_id) AS heard";

type Columns = (BigInt, BigInt, Double, Nullable<Double>, Nullable<Double>, Nullable<Double>);

/// What was heard.
#[derive(Debug, Queryable)]
pub(super) struct Heard {
    pub(super) listeners: i64,
    pub(super) plays: i64,
    pub(super) seconds: f64,
    pub(super) completion: Option<f64>,
    pub(super) skip_rate: Option<f64>,
    pub(super) replay_rate: Option<f64>,
}

/// Counts the plays of some days, the last one included; served by `mus_recently_played_of_time`.
pub(super) async fn count(
    mut connection: &AsyncPgConnection,
    from: NaiveDate,
    to: NaiveDate,
) -> QueryResult<Heard> {
    statement::<Columns>(COUNT).bind::<Date, _>(from).bind::<Date, _>(to).get_result(&mut connection).await
}

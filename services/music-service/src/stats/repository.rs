//! Plays of a person, counted in groups.

use contracts::StatsGroup;
use contracts::music::{Listening, ListeningGroup};
use database::statement;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Double, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::domain::Time;

type Columns = (Text, Nullable<Text>, BigInt, BigInt, Double, BigInt, Nullable<Double>);
type Row = (String, Option<String>, i64, i64, f64, i64, Option<f64>);

/// What the groups of a kind are made of.
struct Grouping {
    key: &'static str,
    /// Said of the key, once for each group that is given.
    label: &'static str,
    joins: &'static str,
    order: &'static str,
}

impl Grouping {
    fn of(group: Option<StatsGroup>) -> Self {
        const MOST: &str = "plays DESC, key";
        let (key, label, joins, order) = match group {
            None => ("''", "NULL", "", "key"),
            Some(StatsGroup::Day) => {
                ("to_char(play.played_at AT TIME ZONE $4, 'YYYY-MM-DD')", "NULL", "", "key")
            }
            Some(StatsGroup::Hour) => {
                ("extract(hour FROM play.played_at AT TIME ZONE $4)::int", "NULL", "", "key")
            }
            Some(StatsGroup::Weekday) => {
                ("extract(isodow FROM play.played_at AT TIME ZONE $4)::int", "NULL", "", "key")
            }
            Some(StatsGroup::Track) => {
                ("play.track_id", "(SELECT title FROM mus_tracks WHERE id = key)", "", MOST)
            }
            Some(StatsGroup::Album) => {
                ("play.album_id", "(SELECT title FROM mus_albums WHERE id = key)", "", MOST)
            }
            Some(StatsGroup::Creator) => ("play.creator_id", "NULL", "", MOST),
            Some(StatsGroup::Genre) => (
                "genre.name",
                "NULL",
                "JOIN mus_tracks AS track ON track.id = play.track_id
                 CROSS JOIN LATERAL (SELECT DISTINCT lower(name) AS name FROM unnest(track.genres) AS name) AS genre",
                MOST,
            ),
            Some(StatsGroup::Device) => ("play.device_type", "NULL", "", MOST),
        };
        Self { key, label, joins, order }
    }
}

/// A person's plays of a time in groups; all of them together where no group is named. Served by
/// `mus_recently_played_by_time`.
pub(super) async fn listening(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    time: Time,
    group: Option<StatsGroup>,
    limit: i64,
) -> QueryResult<Vec<ListeningGroup>> {
    let Grouping { key, label, joins, order } = Grouping::of(group);
    let (start, end) = time.instants();
    let rows: Vec<Row> = statement::<Columns>(format!(
        "SELECT key::text AS name, {label}, plays, skips, seconds, tracks, completion
         FROM (SELECT {key} AS key, count(*) AS plays, count(*) FILTER (WHERE play.skipped) AS skips,
                   coalesce(sum(play.duration), 0) AS seconds, count(DISTINCT play.track_id) AS tracks,
                   avg(play.completion_rate) AS completion
               FROM mus_recently_played AS play {joins}
               WHERE play.user_id = $1 AND play.played_at >= $2 AND play.played_at < $3 AND $4 <> ''
               GROUP BY 1 HAVING {key} IS NOT NULL ORDER BY {order} LIMIT $5) AS grouped
         ORDER BY {order}"
    ))
    .bind::<SqlUuid, _>(user_id)
    .bind::<Timestamptz, _>(start)
    .bind::<Timestamptz, _>(end)
    .bind::<Text, _>(time.timezone.name())
    .bind::<BigInt, _>(limit)
    .load(&mut connection)
    .await?;
    Ok(rows.into_iter().map(group_of).collect())
}

/// All of a person's plays of a time together.
pub(super) async fn totals(
    connection: &AsyncPgConnection,
    user_id: Uuid,
    time: Time,
) -> QueryResult<Listening> {
    let all = listening(connection, user_id, time, None, 1).await?;
    Ok(all.into_iter().next().map_or_else(Listening::default, |all| all.listening))
}

fn group_of(
    (key, label, plays, skips, seconds_heard, distinct_tracks, mean_completion): Row,
) -> ListeningGroup {
    ListeningGroup {
        key,
        label,
        listening: Listening { plays, skips, seconds_heard, distinct_tracks, mean_completion },
    }
}

//! Routes of statistics.

use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use chrono_tz::Tz;
use contracts::music::{
    CalendarQuery, CalendarResponse, DayResponse, RecapResponse, StatsQuery, StatsResponse, ZoneQuery,
};
use contracts::problem::ErrorCode;
use contracts::{Problem, StatsGroup};
use http_kit::{ApiError, Authenticated, ValidQuery};
use utoipa_actix_web::service_config::ServiceConfig;

use super::domain::Time;
use super::repository::{listening, totals};
use crate::app::MusicState;

/// The most played of a recap.
const TOP: i64 = 10;
/// More groups than any time has days.
const ALL: i64 = 2000;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(stats).service(recap).service(calendar).service(day);
}

/// What the caller listened to in a time, in groups.
#[utoipa::path(tag = "stats", security(("access_token" = [])), params(StatsQuery), responses(
    (status = 200, body = StatsResponse),
    (status = 400, description = "A day or a word cannot be read", body = Problem),
    (status = 401, body = Problem),
    (status = 422, body = Problem),
))]
#[get("/api/library/stats")]
async fn stats(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    query: ValidQuery<StatsQuery>,
) -> Result<HttpResponse, ApiError> {
    let query = query.0;
    let time = time_of(query.from, query.to, query.timezone.as_deref())?;
    let group = query.group_by.unwrap_or(StatsGroup::Day);
    // Time has no tail that could be left out: every day of three years, every hour of a day.
    let of_time = matches!(group, StatsGroup::Day | StatsGroup::Hour | StatsGroup::Weekday);
    let limit = query.limit.unwrap_or(if of_time { ALL } else { 100 });
    let connection = state.database.connection().await?;
    let (totals, groups) = futures_util::try_join!(
        totals(&connection, caller.user_id, time),
        listening(&connection, caller.user_id, time, Some(group), limit),
    )?;
    let timezone = time.timezone.name().to_owned();
    Ok(HttpResponse::Ok().json(StatsResponse { from: time.from, to: time.to, timezone, totals, groups }))
}

/// A week (`2026-W05`), a month (`2026-01`) or a year (`2026`) of the caller's, looked back on.
#[utoipa::path(tag = "stats", security(("access_token" = [])), params(("period" = String, Path), ZoneQuery), responses(
    (status = 200, body = RecapResponse),
    (status = 400, description = "That is no period", body = Problem),
    (status = 401, body = Problem),
))]
#[get("/api/library/recap/{period}")]
async fn recap(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    period: web::Path<String>,
    query: ValidQuery<ZoneQuery>,
) -> Result<HttpResponse, ApiError> {
    let period = period.into_inner();
    let time = Time::of_period(&period, zone(query.0.timezone.as_deref())).ok_or_else(|| {
        ApiError::new(
            ErrorCode::Unreadable,
            "A period is a week (2026-W05), a month (2026-01) or a year (2026).",
        )
    })?;
    let connection = state.database.connection().await?;
    let top = |group| listening(&connection, caller.user_id, time, Some(group), TOP);
    let all = |group| listening(&connection, caller.user_id, time, Some(group), ALL);
    let (totals, tracks, albums, creators, genres, hours, days) = futures_util::try_join!(
        totals(&connection, caller.user_id, time),
        top(StatsGroup::Track),
        top(StatsGroup::Album),
        top(StatsGroup::Creator),
        top(StatsGroup::Genre),
        all(StatsGroup::Hour),
        all(StatsGroup::Day),
    )?;
    let (from, to, timezone) = (time.from, time.to, time.timezone.name().to_owned());
    let recap =
        RecapResponse { period, from, to, timezone, totals, tracks, albums, creators, genres, hours, days };
    Ok(HttpResponse::Ok().json(recap))
}

/// The days on which the caller listened.
#[utoipa::path(tag = "stats", security(("access_token" = [])), params(CalendarQuery), responses(
    (status = 200, body = CalendarResponse),
    (status = 400, description = "A day cannot be read", body = Problem),
    (status = 401, body = Problem),
    (status = 422, body = Problem),
))]
#[get("/api/library/activity/calendar")]
async fn calendar(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    query: ValidQuery<CalendarQuery>,
) -> Result<HttpResponse, ApiError> {
    let time = time_of(query.0.from, query.0.to, query.0.timezone.as_deref())?;
    let connection = state.database.connection().await?;
    let days = listening(&connection, caller.user_id, time, Some(StatsGroup::Day), ALL).await?;
    Ok(HttpResponse::Ok().json(CalendarResponse { timezone: time.timezone.name().to_owned(), days }))
}

/// One day of the caller's.
#[utoipa::path(tag = "stats", security(("access_token" = [])), params(("date" = NaiveDate, Path), ZoneQuery), responses(
    (status = 200, body = DayResponse),
    (status = 400, description = "That is no day", body = Problem),
    (status = 401, body = Problem),
))]
#[get("/api/library/activity/day/{date}")]
async fn day(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    date: web::Path<String>,
    query: ValidQuery<ZoneQuery>,
) -> Result<HttpResponse, ApiError> {
    let date = date.parse::<NaiveDate>();
    let date = date.map_err(|_| ApiError::new(ErrorCode::Unreadable, "A day is written as 2026-02-28."))?;
    let time = time_of(date, date, query.0.timezone.as_deref())?;
    let connection = state.database.connection().await?;
    let (totals, hours, tracks) = futures_util::try_join!(
        totals(&connection, caller.user_id, time),
        listening(&connection, caller.user_id, time, Some(StatsGroup::Hour), ALL),
        listening(&connection, caller.user_id, time, Some(StatsGroup::Track), ALL),
    )?;
    let timezone = time.timezone.name().to_owned();
    Ok(HttpResponse::Ok().json(DayResponse { date, timezone, totals, hours, tracks }))
}

fn time_of(from: NaiveDate, to: NaiveDate, timezone: Option<&str>) -> Result<Time, ApiError> {
    Time::new(from, to, zone(timezone))
        .ok_or_else(|| ApiError::invalid("/to", "not before `from`, and at most three years after it"))
}

/// The rule of the query has seen to it that there is such a zone.
fn zone(name: Option<&str>) -> Tz {
    name.and_then(|name| name.parse().ok()).unwrap_or(Tz::UTC)
}

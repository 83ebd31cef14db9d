//! A job's progress as server-sent events: its state now, then each change, until it has ended.

use std::time::Duration;

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, get, web};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use contracts::Problem;
use contracts::storage::JobResponse;
use futures_util::{Stream, StreamExt, stream};
use http_kit::{ApiError, Authenticated, Id};
use tokio::time::{Instant, sleep};

use super::handlers::require_job;
use super::repository::{self, NumberedJob};
use crate::app::StorageState;

/// How often the row is looked at: every replica may have the worker.
const LOOK: Duration = Duration::from_millis(250);
/// A line that says nothing, so that no proxy thinks the connection dead.
const SILENCE: Duration = Duration::from_secs(15);
/// Then the client comes again: a connection for ever would outlive every rollout.
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// The job's state and its changes, as events named `job`, whose data is the job. The stream ends with the job.
#[utoipa::path(tag = "jobs", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = String, content_type = "text/event-stream"),
    (status = 401, body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
))]
#[get("/api/storage/jobs/{id}/events")]
pub(super) async fn job_events(
    state: web::Data<StorageState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let connection = state.database.connection().await?;
    let job = require_job(&connection, &caller, *id).await?;
    drop(connection);
    let seen = job.job.updated_at;
    let is_over = job.job.status.0.is_final();
    let first = stream::iter([Ok(event(job)?)]);
    let watched = Watched { state, id: *id, seen, until: Instant::now() + LONGEST };
    let rest = stream::iter((!is_over).then_some(watched)).flat_map(changes);
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((CACHE_CONTROL, "no-store"))
        .streaming(first.chain(rest)))
}

struct Watched {
    state: web::Data<StorageState>,
    id: uuid::Uuid,
    seen: DateTime<Utc>,
    until: Instant,
}

fn changes(watched: Watched) -> impl Stream<Item = Result<Bytes, ApiError>> {
    stream::unfold(Some(watched), async |watched| {
        let mut watched = watched?;
        let silent_since = Instant::now();
        loop {
            sleep(LOOK).await;
            match watched.look().await {
                Err(error) => return Some((Err(error), None)),
                // Gone with its file.
                Ok(None) => return None,
                Ok(Some(job)) if job.job.updated_at != watched.seen => {
                    watched.seen = job.job.updated_at;
                    let next = (!job.job.status.0.is_final()).then_some(watched);
                    return Some((event(job), next));
                }
                Ok(Some(_)) if Instant::now() > watched.until => return None,
                Ok(Some(_)) if silent_since.elapsed() > SILENCE => {
                    return Some((Ok(Bytes::from_static(b":\n\n")), Some(watched)));
                }
                Ok(Some(_)) => {}
            }
        }
    })
}

impl Watched {
    async fn look(&self) -> Result<Option<NumberedJob>, ApiError> {
        let connection = self.state.database.connection().await?;
        Ok(repository::find(&connection, self.id).await?)
    }
}

fn event(job: NumberedJob) -> Result<Bytes, ApiError> {
    let data = serde_json::to_string(&JobResponse::from(job)).map_err(ApiError::internal)?;
    Ok(Bytes::from(format!("event: job\ndata: {data}\n\n")))
}

//! Routes of people's data as a whole.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, get, web};
use contracts::Problem;
use database::{Database, DatabaseError};
use futures_util::TryStreamExt;
use http_kit::{ApiError, Id, InternalCaller};
use tokio::sync::mpsc;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::repository::{SECTIONS, rows};
use crate::app::StorageState;

/// Pieces that may wait for a slow reader.
const PIECES: usize = 16;
/// Bytes of a piece, roughly.
const PIECE: usize = 32 * 1024;

pub(crate) fn configure_internal(config: &mut ServiceConfig<'_>) {
    config.service(internal_export_files);
}

/// Everything that storage-service has of a person, but for the bytes: an object with a list for each kind of thing, by the
/// names of the columns. For the export of an account. (Bytes are for the person: `GET /api/storage/export`.)
#[utoipa::path(tag = "internal", security(("service_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, description = "A JSON document, sent as it is read", content_type = "application/json", body = Object),
    (status = 401, body = Problem),
))]
#[get("/people/{id}/export")]
async fn internal_export_files(
    state: web::Data<StorageState>,
    _: InternalCaller,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    Ok(export(&state, *id))
}

fn export(state: &StorageState, user_id: Uuid) -> HttpResponse {
    let (pieces, sent) = mpsc::channel(PIECES);
    let database = state.database.clone();
    tokio::spawn(async move {
        // A failure cuts the document off, which nobody can take for a whole one.
        if let Err(error) = write(&database, user_id, &pieces).await {
            tracing::error!(cause = telemetry::error_chain(&error), "an export broke off");
            drop(pieces.send(Err(ApiError::internal(error))).await);
        }
    });
    let body = futures_util::stream::unfold(sent, async |mut sent| Some((sent.recv().await?, sent)));
    HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"files.json\""))
        .insert_header((CACHE_CONTROL, "no-store"))
        .streaming(body)
}

/// Writes the document while it is read. Ends early when nobody listens any more.
async fn write(
    database: &Database,
    user_id: Uuid,
    pieces: &mpsc::Sender<Result<Bytes, ApiError>>,
) -> Result<(), DatabaseError> {
    let mut connection = database.connection().await?;
    let mut text = String::from("{");
    for (number, section) in SECTIONS.iter().enumerate() {
        text.push_str(if number == 0 { "\"" } else { ",\"" });
        text.push_str(section.name);
        text.push_str("\":[");
        let mut rows = std::pin::pin!(rows(&mut connection, section, user_id).await?);
        let mut is_first = true;
        while let Some(row) = rows.try_next().await? {
            if !std::mem::take(&mut is_first) {
                text.push(',');
            }
            text.push_str(&row.0.to_string());
            if text.len() >= PIECE && pieces.send(Ok(Bytes::from(std::mem::take(&mut text)))).await.is_err() {
                return Ok(());
            }
        }
        text.push(']');
    }
    text.push('}');
    drop(pieces.send(Ok(Bytes::from(text))).await);
    Ok(())
}

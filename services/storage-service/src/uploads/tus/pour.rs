//! A body is taken into an upload: claimed, then handed over to the task that writes it.

use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::Payload;
use actix_web::{HttpRequest, web};
use contracts::problem::ErrorCode;
use http_kit::ApiError;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::protocol::{self, Checksum};
use super::receive::{Item, Piece, Reached, taken_over};
use super::repository::{self, Claim, Session};
use crate::app::StorageState;
use crate::uploads::pace;

/// Buffers between the socket and the disk.
const WAITING: usize = 4;

/// The body of a request, and what its headers say of it.
pub(super) struct Body {
    payload: Payload,
    /// Bytes that are announced.
    announced: Option<i64>,
    /// The length of the whole, when this request tells it.
    length: Option<i64>,
    checksum: Option<Checksum>,
}

impl Body {
    pub(super) fn read(request: &HttpRequest, payload: Payload) -> Result<Self, ApiError> {
        let announced = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
        Ok(Self {
            payload,
            announced: announced.and_then(|text| text.parse().ok()),
            length: protocol::number(request, "upload-length")?,
            checksum: protocol::text(request, "upload-checksum")?.map(Checksum::parse).transpose()?,
        })
    }
}

/// Takes the right to write the body at an offset.
///
/// # Errors
/// 404, 410, 403 for a final upload, 409 when it is elsewhere or its length is told differently, 413 when the body is more
/// than it may hold.
pub(super) async fn claim(
    state: &StorageState,
    key: (Uuid, Uuid),
    offset: i64,
    body: &Body,
) -> Result<Session, ApiError> {
    let mut connection = state.database.connection().await?;
    let found = require_alive(repository::find(&connection, key).await?)?;
    if is_final(&found) {
        return Err(ApiError::forbidden("A final upload takes no bytes."));
    }
    if found.offset != offset || found.part_path.is_none() {
        return Err(ApiError::conflict(format!("The upload is at {}.", found.offset)));
    }
    let length = length_of(&found, body, state.limits.max_bytes)?;
    let end = offset.saturating_add(body.announced.unwrap_or(0));
    let most = i64::try_from(state.limits.max_bytes).unwrap_or(i64::MAX);
    if end > length.unwrap_or(most) {
        return Err(ApiError::new(ErrorCode::TooLarge, "The body holds more than the upload may."));
    }
    let claimed = repository::claim(&mut connection, key, offset, contracts::clock::now()).await?;
    // The length counts when the bytes do.
    claimed.map(|session| Session { length, ..session }).ok_or_else(taken_over)
}

fn length_of(found: &Session, body: &Body, max_bytes: u64) -> Result<Option<i64>, ApiError> {
    match (found.length, body.length) {
        (Some(known), Some(told)) if known != told => {
            Err(ApiError::conflict(format!("The length of the upload is {known}, and stays so.")))
        }
        (None, Some(told)) if told < found.offset => {
            Err(ApiError::conflict(format!("The upload holds {} bytes already.", found.offset)))
        }
        (None, Some(told)) if u64::try_from(told).is_ok_and(|told| told > max_bytes) => {
            Err(ApiError::new(ErrorCode::TooLarge, format!("A file may hold {max_bytes} bytes.")))
        }
        (known, told) => Ok(known.or(told)),
    }
}

/// Reads the body to its end, or to where it breaks off: what came until then is kept.
pub(super) async fn pour(
    state: web::Data<StorageState>,
    session: Session,
    body: Body,
) -> Result<Reached, ApiError> {
    let Body { mut payload, checksum, .. } = body;
    let patience = state.limits.patience;
    let claim = Claim { id: session.id, fencing: session.fencing, length: session.length };
    let (items, received) = mpsc::channel(WAITING);
    let writer = tokio::spawn(Piece { state, session, claim, checksum }.receive(received));
    let read = async {
        loop {
            let chunk = tokio::select! {
                chunk = pace::next(&mut payload, patience) => chunk?,
                // The writer has refused, and says why.
                () = items.closed() => return Ok(()),
            };
            let Some(chunk) = chunk else { break };
            let chunk = chunk.map_err(|error| {
                ApiError::new(ErrorCode::Unreadable, format!("The body broke off: {error}."))
            })?;
            if items.send(Item::Bytes(chunk)).await.is_err() {
                return Ok(());
            }
        }
        let _ = items.send(Item::End).await;
        Ok(())
    };
    let read: Result<(), ApiError> = read.await;
    drop(items);
    let reached = writer.await.map_err(ApiError::internal)??;
    read.map(|()| reached)
}

pub(super) fn is_final(session: &Session) -> bool {
    session.concat.as_deref().is_some_and(|concat| concat.starts_with("final;"))
}

pub(super) fn require_alive(session: Option<Session>) -> Result<Session, ApiError> {
    let session = session.ok_or_else(no_upload)?;
    if session.expires_at > contracts::clock::now() {
        return Ok(session);
    }
    Err(ApiError::new(ErrorCode::Gone, "The upload has expired. Begin a new one."))
}

pub(super) fn no_upload() -> ApiError {
    ApiError::not_found("upload")
}

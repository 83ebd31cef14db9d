//! An upload begins.

use actix_web::HttpRequest;
use contracts::problem::ErrorCode;
use http_kit::ApiError;
use uuid::Uuid;

use super::protocol::{self, Concat, Metadata};
use super::repository::{self, Claim, LIFETIME, Session};
use super::{MAX_UNFINISHED, MAX_UNFINISHED_FILES, whole};
use crate::app::StorageState;
use crate::blob_store::LocalBlobs;
use crate::files::repository::File;
use crate::quotas;

/// What the headers of a creation ask for.
pub(super) struct Wanted {
    length: Option<i64>,
    metadata: Option<String>,
    concat: Option<(String, Concat)>,
}

impl Wanted {
    /// Reads the headers.
    ///
    /// # Errors
    /// 400 when they cannot be read or contradict each other, 413 when the upload would be too large, 422 when what is said
    /// of the file breaks a rule.
    pub(super) fn read(request: &HttpRequest, max_bytes: u64) -> Result<Self, ApiError> {
        let length = protocol::number(request, "upload-length")?;
        let is_deferred = match protocol::text(request, "upload-defer-length")? {
            Some("1") => true,
            None => false,
            Some(_) => return Err(contradiction("Upload-Defer-Length can only be 1.")),
        };
        let concat = protocol::text(request, "upload-concat")?;
        let concat =
            concat.map(|text| Concat::parse(text).map(|concat| (text.to_owned(), concat))).transpose()?;
        let is_final = matches!(concat, Some((_, Concat::Final(_))));
        if is_final && (length.is_some() || is_deferred || protocol::is_piece(request)) {
            return Err(contradiction("A final upload has the length and the bytes of its parts."));
        }
        if !is_final && length.is_some() == is_deferred {
            return Err(contradiction("Send either Upload-Length or Upload-Defer-Length: 1."));
        }
        require_fit(length.unwrap_or(0), max_bytes)?;
        let metadata = protocol::text(request, "upload-metadata")?;
        metadata.map(Metadata::parse).transpose()?.unwrap_or_default().facts()?;
        Ok(Self { length, metadata: metadata.map(str::to_owned), concat })
    }
}

/// Begins an upload. One that is whole at once, because it has no bytes or is made of parts, is a file.
pub(super) async fn create(
    state: &StorageState,
    user_id: Uuid,
    wanted: Wanted,
) -> Result<(Session, Option<File>), ApiError> {
    match &wanted.concat {
        Some((_, Concat::Final(ids))) => {
            let parts = find_parts(state, user_id, ids).await?;
            let length = parts.iter().map(|part| part.offset).sum();
            require_fit(length, state.limits.max_bytes)?;
            let paths: Vec<String> = parts.into_iter().filter_map(|part| part.part_path).collect();
            let session = begin(state, user_id, &Wanted { length: Some(length), ..wanted }).await?;
            let file = finish(state, &session, &paths).await?;
            Ok((Session { offset: length, ..session }, Some(file)))
        }
        None if wanted.length == Some(0) => {
            let session = begin(state, user_id, &wanted).await?;
            let file = finish(state, &session, &[]).await?;
            Ok((session, Some(file)))
        }
        _ => Ok((begin(state, user_id, &wanted).await?, None)),
    }
}

async fn begin(state: &StorageState, user_id: Uuid, wanted: &Wanted) -> Result<Session, ApiError> {
    let now = contracts::clock::now();
    let id = contracts::ids::new_id();
    let session = Session {
        id,
        user_id,
        length: wanted.length,
        offset: 0,
        metadata: wanted.metadata.clone(),
        concat: wanted.concat.as_ref().map(|(text, _)| text.clone()),
        part_path: Some(LocalBlobs::part_path(id, 0)),
        fencing: 0,
        settled: 0,
        checksum: None,
        completed_file_id: None,
        expires_at: now + LIFETIME,
        created_at: now,
        updated_at: now,
    };
    let mut connection = state.database.connection().await?;
    // Who has no room left is told before anything is received.
    quotas::require_room(&connection, user_id, state.user_max_bytes).await?;
    require_disk(state, &repository::list_unfinished(&connection, user_id).await?, wanted.length)?;
    repository::insert(&mut connection, &session).await?;
    Ok(session)
}

/// What was just begun is whole; when that fails it is as if it had not begun.
async fn finish(state: &StorageState, session: &Session, parts: &[String]) -> Result<File, ApiError> {
    let claim = Claim { id: session.id, fencing: session.fencing, length: session.length };
    let finished = whole::of_parts(state, session, claim, parts).await;
    if finished.is_err() {
        let mut connection = state.database.connection().await?;
        repository::delete(&mut connection, (session.id, session.user_id)).await?;
    }
    finished
}

/// The parts of a final upload: the person's own, partial and whole.
async fn find_parts(state: &StorageState, user_id: Uuid, ids: &[Uuid]) -> Result<Vec<Session>, ApiError> {
    let connection = state.database.connection().await?;
    let found = repository::list(&connection, ids, user_id).await?;
    let mut parts = Vec::with_capacity(ids.len());
    for id in ids {
        let part = found.iter().find(|part| part.id == *id).cloned();
        let part = part.filter(|part| part.concat.as_deref() == Some("partial"));
        let part = part.filter(|part| part.expires_at > contracts::clock::now());
        let part =
            part.ok_or_else(|| ApiError::invalid("/uploadConcat", format!("{id} is no partial upload")))?;
        if part.length != Some(part.offset) {
            return Err(ApiError::conflict(format!("The partial upload {id} is not complete.")));
        }
        parts.push(part);
    }
    Ok(parts)
}

fn require_fit(length: i64, max_bytes: u64) -> Result<(), ApiError> {
    if u64::try_from(length).is_ok_and(|length| length <= max_bytes) {
        return Ok(());
    }
    let detail = format!("A file may hold {max_bytes} bytes; this one has {length}.");
    Err(ApiError::new(ErrorCode::TooLarge, detail))
}

/// A person's unfinished uploads do not fill the disk. One whose length is not known counts as the largest.
fn require_disk(
    state: &StorageState,
    unfinished: &[Option<i64>],
    length: Option<i64>,
) -> Result<(), ApiError> {
    let most = i64::try_from(state.limits.max_bytes).unwrap_or(i64::MAX);
    let bytes = unfinished.iter().chain([&length]).map(|length| length.unwrap_or(most));
    let bytes = bytes.fold(0_i64, i64::saturating_add);
    let count = i64::try_from(unfinished.len()).unwrap_or(i64::MAX);
    if count < MAX_UNFINISHED && bytes <= most.saturating_mul(MAX_UNFINISHED_FILES) {
        return Ok(());
    }
    Err(ApiError::conflict("Too many uploads are unfinished. Finish some, or terminate them."))
}

fn contradiction(detail: &'static str) -> ApiError {
    ApiError::new(ErrorCode::Unreadable, detail)
}

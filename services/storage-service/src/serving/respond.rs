//! The one way out for bytes.

use actix_web::http::header;
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, ResponseError};
use contracts::AccessAction;
use contracts::problem::ErrorCode;
use contracts::storage::ResizeParams;
use http_kit::{ApiError, Caller};
use uuid::Uuid;

use super::body::{FileBody, NoBody, Part};
use super::conditions::{self, Outcome};
use super::headers::{Representation, repr_digest};
use super::permission::{self, Question, Reader};
use super::plan::Plan;
use super::ranges::wanted;
use super::{grants, repository, view};
use crate::access::{Entry, Origin};
use crate::app::StorageState;
use crate::blob_store::{BlobKey, Source};
use crate::files::no_file;
use crate::files::repository::File;
use crate::versions::repository::Version;

/// What is asked for.
pub(super) struct Asked {
    pub(super) file_id: Uuid,
    /// A version that the URL names; `None` is the current one.
    pub(super) version: Option<i32>,
    /// What of the version is to be made, when it is not itself.
    pub(super) variant: Option<ResizeParams>,
    pub(super) action: AccessAction,
    pub(super) caller: Option<Caller>,
    pub(super) grant: Option<String>,
}

/// Answers a request for bytes, and leaves its row in the access log when the file exists.
pub(super) async fn serve(
    state: &StorageState,
    request: &HttpRequest,
    asked: Asked,
) -> Result<HttpResponse, ApiError> {
    let connection = state.database.connection().await?;
    let found = repository::find(&connection, asked.file_id, asked.version).await?;
    let (file, version) = found.ok_or_else(no_file)?;
    drop(connection);
    let mut entry = Entry::begin(&state.access_log, Origin::of(request)?, &file, asked.action);
    if request.method() == Method::HEAD {
        entry.noted("method", Method::HEAD.as_str());
    }
    entry.by(Reader::of(asked.caller.as_ref()).user_id, None);
    match answer(state, request, &asked, (&file, version), &mut entry).await {
        Ok(answer) => Ok(finish(request, answer, entry)),
        Err(error) => {
            entry.answered(error.status_code().as_u16(), None, None);
            entry.complete();
            Err(error)
        }
    }
}

/// A head, and the parts of the file that go with it.
struct Answer {
    head: HttpResponseBuilder,
    content: Option<(Source, Vec<Part>)>,
    /// Bytes of the whole representation, which is what HEAD tells.
    length: u64,
}

async fn answer(
    state: &StorageState,
    request: &HttpRequest,
    asked: &Asked,
    (file, version): (&File, Option<Version>),
    entry: &mut Entry,
) -> Result<Answer, ApiError> {
    let question = Question {
        file,
        version: asked.version,
        action: asked.action,
        caller: asked.caller.as_ref(),
        grant: asked.grant.as_deref(),
    };
    let reader = permission::judge(&question, &state.verifier).await?;
    entry.by(reader.user_id, reader.grant_issuer);
    if file.is_expired(contracts::clock::now()) {
        return Err(ApiError::new(ErrorCode::Gone, "The file has expired."));
    }
    let mut version = version.ok_or_else(|| ApiError::not_found("version"))?;
    if let Some(wanted) = &asked.variant {
        version = view::variant(state, file, &version, wanted).await?;
        entry.noted("variant", version.variant_key.clone());
    }
    let is_versioned = asked.version.is_some();
    let shown = Representation { file, version: &version, action: asked.action, is_versioned };
    let range = request.headers().get(header::RANGE).and_then(|value| value.to_str().ok());
    let range = match conditions::judge(request.headers(), &shown.etag(), shown.modified()) {
        Outcome::Failed => {
            return Err(ApiError::new(ErrorCode::PreconditionFailed, "The bytes are not the ones you name."));
        }
        Outcome::NotModified => return Ok(not_modified(&shown, entry)),
        Outcome::ServeWhole => None,
        // Ranges are for GET alone.
        Outcome::Serve => range.filter(|_| request.method() == Method::GET),
    };
    // A use is an answer with bytes: not one that could not be made, nor one that the reader has already.
    if let Some(claims) = reader.counted.filter(|_| request.method() == Method::GET) {
        grants::count_use(&state.database, &claims).await?;
    }
    let length = u64::try_from(version.file_size).map_err(ApiError::internal)?;
    let plan = Plan::new(wanted(range, length), length, &version.content_type);
    entry.answered(plan.status.as_u16(), Some(version.id), plan.logged_range());
    if let Some(ranges) = plan.ranges_of_several() {
        entry.noted("ranges", serde_json::json!(ranges));
    }
    let mut head = HttpResponse::build(plan.status);
    shown.write_headers(&mut head)?;
    plan.write_headers(&mut head);
    if plan.status == StatusCode::OK {
        head.insert_header(("content-digest", repr_digest(&version.checksum)?));
    }
    if plan.parts.is_empty() {
        return Ok(Answer { head, content: None, length: 0 });
    }
    let key =
        BlobKey::parse(&version.checksum).ok_or_else(|| ApiError::internal("a version without a hash"))?;
    let blob = state.blobs.open_blob(&version.storage_provider, &key).await.map_err(ApiError::internal)?;
    Ok(Answer { head, content: Some((blob, plan.parts)), length })
}

fn not_modified(shown: &Representation<'_>, entry: &mut Entry) -> Answer {
    let mut head = HttpResponse::NotModified();
    shown.write_validators(&mut head);
    entry.answered(StatusCode::NOT_MODIFIED.as_u16(), Some(shown.version.id), None);
    Answer { head, content: None, length: 0 }
}

fn finish(request: &HttpRequest, mut answer: Answer, mut entry: Entry) -> HttpResponse {
    match answer.content {
        Some(_) if request.method() == Method::HEAD => {
            entry.complete();
            answer.head.no_chunking(answer.length).body(NoBody)
        }
        Some((blob, parts)) => answer.head.body(FileBody::new(blob, parts, entry)),
        None => {
            entry.complete();
            answer.head.finish()
        }
    }
}

//! Who may have the bytes of a file.

use contracts::AccessAction;
use contracts::problem::ErrorCode;
use http_kit::{ApiError, Caller};
use identity::{GrantClaims, Service, TokenError, Verifier};
use uuid::Uuid;

use crate::files::no_file;
use crate::files::repository::File;

/// What is wanted of which file, and by whom.
pub(super) struct Question<'a> {
    pub(super) file: &'a File,
    /// A version that was named; `None` is the current one.
    pub(super) version: Option<i32>,
    pub(super) action: AccessAction,
    pub(super) caller: Option<&'a Caller>,
    pub(super) grant: Option<&'a str>,
}

/// Whom the access log names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Reader {
    pub(super) user_id: Option<Uuid>,
    pub(super) grant_issuer: Option<Service>,
    /// The grant that opened it, when its uses are counted.
    pub(super) counted: Option<GrantClaims>,
}

impl Reader {
    pub(super) fn of(caller: Option<&Caller>) -> Self {
        Self { user_id: caller.map(|caller| caller.user_id), grant_issuer: None, counted: None }
    }
}

/// Owner, admin, everyone for a public file; else whoever shows a grant for exactly this.
///
/// # Errors
/// 404 without a grant, 403 with one that does not fit, 410 with one that has expired, 503 when its issuer's keys cannot
/// be had.
pub(super) async fn judge(question: &Question<'_>, verifier: &Verifier) -> Result<Reader, ApiError> {
    let Question { file, caller, grant, .. } = question;
    if file.is_public || caller.is_some_and(|caller| caller.may_read(file.user_id)) {
        return Ok(Reader::of(*caller));
    }
    let Some(grant) = grant else { return Err(no_file()) };
    let claims = verifier.grant(grant, contracts::clock::now()).await.map_err(refuse)?;
    if !covers(&claims, question) {
        return Err(ApiError::forbidden("The grant is for something else."));
    }
    let user_id = caller.map(|caller| caller.user_id).or(claims.sub);
    Ok(Reader { user_id, grant_issuer: Some(claims.iss), counted: claims.uses.is_some().then_some(claims) })
}

fn covers(claims: &GrantClaims, question: &Question<'_>) -> bool {
    let current = question.file.current_version;
    claims.file == question.file.id
        && claims.actions.contains(&question.action)
        // Without a number both mean the current one.
        && claims.version.unwrap_or(current) == question.version.unwrap_or(current)
}

fn refuse(error: TokenError) -> ApiError {
    match error {
        TokenError::Expired => ApiError::new(ErrorCode::Gone, "The grant has expired. Ask for a new one."),
        TokenError::KeysUnavailable(_) => ApiError::unavailable(error),
        _ => ApiError::forbidden("The grant does not hold."),
    }
}

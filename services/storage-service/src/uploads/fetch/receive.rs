//! From a URL to received bytes.

use actix_web::http::header::LOCATION;
use futures_util::StreamExt;
use http_kit::ApiError;
use reqwest::{Response, StatusCode, Url};

use super::door::{Doors, refuse};
use crate::blob_store::{LocalBlobs, Received};
use crate::settings::Limits;

/// Redirects that are followed.
const REDIRECTS: usize = 5;

/// Receives what a URL names.
///
/// # Errors
/// 413 when it is too large, 422 when it may not be fetched, or nobody gives it whole and in time.
pub(super) async fn receive(
    doors: &Doors,
    url: Url,
    blobs: &LocalBlobs,
    limits: Limits,
) -> Result<Received, ApiError> {
    let received = async {
        let answer = follow(doors, url).await?;
        pour(answer, blobs, limits).await
    };
    let received = tokio::time::timeout(doors.time_limit, received).await;
    received.map_err(|_| refuse(format!("it takes more than {} seconds", doors.time_limit.as_secs())))?
}

/// Asks until somebody has it.
async fn follow(doors: &Doors, mut url: Url) -> Result<Response, ApiError> {
    for _ in 0..=REDIRECTS {
        let answer = doors.get(&url).await?;
        match answer.status() {
            StatusCode::OK => return Ok(answer),
            StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT => {
                let location = answer.headers().get(LOCATION.as_str()).and_then(|value| value.to_str().ok());
                let next = location.and_then(|location| url.join(location).ok());
                url = next.ok_or_else(|| refuse("it leads to no URL"))?;
            }
            status => return Err(refuse(format!("its host answers with {}", status.as_u16()))),
        }
    }
    Err(refuse(format!("it leads on more than {REDIRECTS} times")))
}

/// What the host says of the bytes is not believed: neither how many there are nor what they are.
async fn pour(answer: Response, blobs: &LocalBlobs, limits: Limits) -> Result<Received, ApiError> {
    limits.require(answer.content_length().unwrap_or_default())?;
    let mut incoming = blobs.receive().await.map_err(ApiError::unavailable)?;
    let mut body = answer.bytes_stream();
    while let Some(chunk) = body.next().await {
        incoming.write(&chunk.map_err(|_| refuse("it broke off"))?).await.map_err(ApiError::unavailable)?;
        limits.require(incoming.length())?;
    }
    incoming.finish().await.map_err(ApiError::unavailable)
}

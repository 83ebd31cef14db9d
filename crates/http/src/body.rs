//! Bodies and queries that are read and judged before a handler sees them.

use std::ops::Deref;

use actix_web::dev::Payload;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use contracts::problem::{ErrorCode, FieldError};
use futures_util::future::{LocalBoxFuture, Ready, ready};
use futures_util::{FutureExt, StreamExt};
use garde::Validate;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::ApiError;

/// Largest JSON body: 1 MiB.
const JSON_BYTES: usize = 1024 * 1024;

/// A JSON body that keeps the rules of its type.
///
/// 400 when it is no JSON, 413 over 1 MiB, 415 with another media type, 422 with pointers when a field is unknown, of
/// the wrong type, or breaks a rule. utoipa knows a body by this name.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T> FromRequest for Json<T>
where
    T: DeserializeOwned + Validate<Context = ()> + 'static,
{
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = is_json(request);
        let payload = payload.take();
        async move {
            let body = if is_json { collect(payload).await? } else { Vec::new() };
            read_body(is_json, &body).map(Self)
        }
        .boxed_local()
    }
}

impl<T> Deref for Json<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// As [`Json`], of a body that may be left out: then it is the default of its type.
#[derive(Debug)]
pub struct MaybeJson<T>(pub T);

impl<T> FromRequest for MaybeJson<T>
where
    T: DeserializeOwned + Validate<Context = ()> + Default + 'static,
{
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = is_json(request);
        let payload = payload.take();
        async move {
            let body = collect(payload).await?;
            if body.is_empty() {
                return Ok(Self(T::default()));
            }
            read_body(is_json, &body).map(Self)
        }
        .boxed_local()
    }
}

/// A query string that keeps the rules of its type: 400 when it cannot be read, 422 when it breaks a rule.
#[derive(Debug)]
pub struct ValidQuery<T>(pub T);

impl<T> FromRequest for ValidQuery<T>
where
    T: DeserializeOwned + Validate<Context = ()> + 'static,
{
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let read = serde_urlencoded::from_str(request.query_string())
            .map_err(|error| {
                ApiError::new(ErrorCode::Unreadable, format!("The query cannot be read: {error}."))
            })
            .and_then(check)
            .map(Self);
        ready(read)
    }
}

fn is_json(request: &HttpRequest) -> bool {
    request.mime_type().ok().flatten().is_some_and(|mime| {
        mime.type_() == "application"
            && (mime.subtype() == "json" || mime.suffix().is_some_and(|s| s == "json"))
    })
}

fn read_body<T: DeserializeOwned + Validate<Context = ()>>(
    is_json: bool,
    body: &[u8],
) -> Result<T, ApiError> {
    if !is_json {
        let detail = "The body must be application/json.";
        return Err(ApiError::new(ErrorCode::UnsupportedMediaType, detail));
    }
    read_json(body)
}

async fn collect(mut payload: Payload) -> Result<Vec<u8>, ApiError> {
    let mut body = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk: Bytes = chunk
            .map_err(|error| ApiError::new(ErrorCode::Unreadable, format!("The body broke off: {error}.")))?;
        if body.len() + chunk.len() > JSON_BYTES {
            return Err(ApiError::new(ErrorCode::TooLarge, "A JSON body may hold 1 MiB at most."));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Reads one item of a list whose items are judged each on its own.
///
/// # Errors
/// As the body of a request; pointers lead into the item.
pub fn read_item<T: DeserializeOwned + Validate<Context = ()>>(
    item: &serde_json::Value,
) -> Result<T, ApiError> {
    read_json(&serde_json::to_vec(item).map_err(ApiError::internal)?)
}

/// Reads JSON that came by another way than a request.
///
/// # Errors
/// As the body of a request.
pub fn read_json<T: DeserializeOwned + Validate<Context = ()>>(body: &[u8]) -> Result<T, ApiError> {
    parse_json(body).and_then(check)
}

fn parse_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value =
        serde_path_to_error::deserialize(&mut deserializer).map_err(|error| refuse_json(body, error))?;
    deserializer.end().map_err(|error| unreadable(&error))?;
    Ok(value)
}

/// JSON that cannot be read is 400, JSON that is not what was asked for is 422; a malformed UUID counts as unreadable.
fn refuse_json(body: &[u8], error: serde_path_to_error::Error<serde_json::Error>) -> ApiError {
    let pointer = json_pointer(error.path());
    let error = error.into_inner();
    // A word where none may be, such as null for an enumeration, counts as bad syntax in serde_json; JSON it is.
    if !error.is_data() && serde_json::from_slice::<IgnoredAny>(body).is_err() {
        return unreadable(&error);
    }
    let detail = without_position(&error);
    let code =
        if detail.starts_with("UUID parsing failed") { ErrorCode::Unreadable } else { ErrorCode::Invalid };
    ApiError::new(code, "The body is not what this route takes; see errors.")
        .with_errors(vec![FieldError::new(pointer, detail)])
}

fn unreadable(error: &serde_json::Error) -> ApiError {
    ApiError::new(ErrorCode::Unreadable, format!("The body is not JSON: {error}."))
}

fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.as_str(), |(detail, _)| detail).to_owned()
}

fn json_pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", escape(key)),
            Segment::Enum { variant } => format!("/{}", escape(variant)),
            Segment::Unknown => "/?".to_owned(),
        })
        .collect()
}

fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn check<T: Validate<Context = ()>>(value: T) -> Result<T, ApiError> {
    match value.validate() {
        Ok(()) => Ok(value),
        Err(report) => {
            let errors = report.iter().map(|(path, error)| {
                FieldError::new(rule_pointer(&path.to_string()), error.message().to_owned())
            });
            Err(ApiError::invalid_fields(errors.collect()))
        }
    }
}

/// Turns a path in terms of Rust fields (`heard[0].start_ms`) into a pointer in terms of JSON (`/heard/0/startMs`).
fn rule_pointer(path: &str) -> String {
    path.split(['.', '['])
        .map(|segment| segment.trim_end_matches(']'))
        .filter(|segment| !segment.is_empty())
        .map(|segment| format!("/{}", camel_case(segment)))
        .collect()
}

fn camel_case(name: &str) -> String {
    // The one field whose JSON name is a Rust keyword.
    if name == "album_type" {
        return "type".to_owned();
    }
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut name, word| {
        let mut letters = word.chars();
        name.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        name.push_str(letters.as_str());
        name
    })
}

#[cfg(test)]
mod tests {
    use contracts::music::RecordPlayRequest;

    use super::*;

    fn read(body: &str) -> Result<RecordPlayRequest, ApiError> {
        parse_json(body.as_bytes()).and_then(check)
    }

    fn refusal(body: &str) -> (u16, Vec<String>) {
        let problem = read(body).expect_err("it is refused").problem("r1");
        (problem.status, problem.errors.into_iter().map(|error| error.pointer).collect())
    }

    #[test]
    fn pointers_name_the_json_field() {
        let track = "018f4e5e-0000-7000-8000-000000000000";
        assert_eq!(refusal("{"), (400, vec![]));
        assert_eq!(refusal(r#"{"trackId":"x"}"#), (400, vec!["/trackId".to_owned()]));
        assert_eq!(refusal(&format!(r#"{{"trackId":"{track}"}} x"#)), (400, vec![]));
        let with = |rest: &str| refusal(&format!(r#"{{"trackId":"{track}",{rest}}}"#));
        assert_eq!(with(r#""completionRate":1.5"#), (422, vec!["/completionRate".to_owned()]));
        assert_eq!(with(r#""duration":"long""#), (422, vec!["/duration".to_owned()]));
        assert_eq!(with(r#""deviceType":7"#), (422, vec!["/deviceType".to_owned()]));
        assert_eq!(with(r#""rating":5"#), (422, vec!["/rating".to_owned()]));
        assert_eq!(with(r#""heard":[[0,5],[9,3]]"#), (422, vec!["/heard/1".to_owned()]));
        let padding = "x".repeat(5000);
        assert_eq!(with(&format!(r#""context":{{"pad":"{padding}"}}"#)), (422, vec!["/context".to_owned()]));
    }
}

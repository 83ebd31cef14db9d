//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a POST that is sent again with its key gets the answer of the
//! first, which is stored in the transaction that made the thing. Keys are a person's own and are kept for a day.

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{ETAG, LOCATION};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use aws_lc_rs::digest::{SHA256, digest};
use contracts::problem::ErrorCode;
use database::{Database, DatabaseError, statement};
use diesel::OptionalExtension;
use diesel::sql_types::{Bool, Bytea, Jsonb, Nullable, SmallInt, Text, Uuid as SqlUuid};
use diesel_async::{AnsiTransactionManager, AsyncPgConnection, RunQueryDsl, TransactionManager};
use futures_util::future::{Ready, ready};
use serde::Serialize;
use serde_json::Value;
use utoipa::IntoParams;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use uuid::Uuid;

use crate::{ApiError, Caller};

const HEADER: &str = "idempotency-key";
const MAX_LENGTH: usize = 255;

/// The header of a request and what it asks for: 400 when it cannot be read.
#[derive(Debug, Clone)]
pub struct IdempotencyKey {
    key: Option<String>,
    target: String,
}

impl IntoParams for IdempotencyKey {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let text = ObjectBuilder::new().schema_type(Type::String).max_length(Some(MAX_LENGTH)).build();
        let header = ParameterBuilder::new()
            .name(HEADER)
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some("Sent again with it, the request gets the answer of the first"))
            .schema(Some(text));
        vec![header.build()]
    }
}

/// A request that is done once, if it has a key.
#[derive(Debug)]
pub struct Once(Option<Claim>);

#[derive(Debug)]
struct Claim {
    user_id: Uuid,
    key: String,
    digest: Vec<u8>,
}

impl IdempotencyKey {
    /// The request of a caller with this body.
    ///
    /// # Errors
    /// When the body cannot be written as JSON, which no body is.
    pub fn of<B: Serialize>(self, caller: &Caller, body: &B) -> Result<Once, ApiError> {
        self.of_person(caller.user_id, body)
    }

    /// The request of a service in a person's name.
    ///
    /// # Errors
    /// When the body cannot be written as JSON, which no body is.
    pub fn of_person<B: Serialize>(self, user_id: Uuid, body: &B) -> Result<Once, ApiError> {
        let Some(key) = self.key else { return Ok(Once(None)) };
        let mut text = self.target.into_bytes();
        serde_json::to_writer(&mut text, body).map_err(ApiError::internal)?;
        let digest = digest(&SHA256, &text).as_ref().to_vec();
        Ok(Once(Some(Claim { user_id, key, digest })))
    }
}

impl FromRequest for IdempotencyKey {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request))
    }
}

fn read(request: &HttpRequest) -> Result<IdempotencyKey, ApiError> {
    let unreadable =
        || ApiError::new(ErrorCode::Unreadable, "Idempotency-Key is one word of at most 255 letters.");
    let target = format!("{} {}\n", request.method(), request.path());
    let mut values = request.headers().get_all(HEADER);
    let Some(value) = values.next() else { return Ok(IdempotencyKey { key: None, target }) };
    let value = value.to_str().map_err(|_| unreadable())?.trim();
    // The draft writes it as a quoted string; most clients do not.
    let key = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
    if values.next().is_some() || key.is_empty() || key.len() > MAX_LENGTH {
        return Err(unreadable());
    }
    Ok(IdempotencyKey { key: Some(key.to_owned()), target })
}

/// What is answered, and kept as long as its key.
#[derive(Debug)]
pub struct Answer {
    status: StatusCode,
    location: String,
    etag: Option<String>,
    body: Value,
}

impl Answer {
    /// 201 with the thing that was made.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn created<T: Serialize>(location: String, made: &T) -> Result<Self, ApiError> {
        let body = serde_json::to_value(made).map_err(ApiError::internal)?;
        Ok(Self { status: StatusCode::CREATED, location, etag: None, body })
    }

    /// The same with its entity tag.
    #[must_use]
    pub fn with_etag(self, etag: String) -> Self {
        Self { etag: Some(etag), ..self }
    }

    /// The same with another status.
    #[must_use]
    pub fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    fn response(self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        response.insert_header((LOCATION, self.location));
        if let Some(etag) = self.etag {
            response.insert_header((ETAG, etag));
        }
        response.json(self.body)
    }
}

/// Where a service keeps its answers: the table `<prefix>_idempotency_keys`.
#[derive(Debug, Clone, Copy)]
pub struct Answers {
    prefix: &'static str,
}

impl Answers {
    /// The answers of the service with this prefix.
    #[must_use]
    pub const fn new(prefix: &'static str) -> Self {
        Self { prefix }
    }

    /// Does the work in one transaction with its answer, or gives the answer of before. What is refused leaves nothing and may be
    /// tried again under the same key.
    ///
    /// # Errors
    /// 409 while an equal request runs, 422 when the key was used for another request; else what the work says.
    pub async fn once<W>(self, database: &Database, once: Once, work: W) -> Result<HttpResponse, ApiError>
    where
        W: AsyncFnOnce(&mut AsyncPgConnection) -> Result<Answer, ApiError>,
    {
        let mut connection = database.connection().await?;
        let connection: &mut AsyncPgConnection = &mut connection;
        // `AsyncConnection::transaction` wants futures that can be sent, and says so in a way that cannot be passed on.
        AnsiTransactionManager::begin_transaction(connection).await?;
        match self.answer(connection, once, work).await {
            Ok(answer) => {
                AnsiTransactionManager::commit_transaction(connection).await?;
                Ok(answer.response())
            }
            Err(error) => match AnsiTransactionManager::rollback_transaction(connection).await {
                Ok(()) | Err(diesel::result::Error::BrokenTransactionManager) => Err(error),
                Err(rollback) => Err(rollback.into()),
            },
        }
    }

    async fn answer<W>(
        self,
        connection: &mut AsyncPgConnection,
        once: Once,
        work: W,
    ) -> Result<Answer, ApiError>
    where
        W: AsyncFnOnce(&mut AsyncPgConnection) -> Result<Answer, ApiError>,
    {
        let Once(Some(claim)) = once else { return work(connection).await };
        if let Some(answer) = self.find(connection, &claim).await? {
            return Ok(answer);
        }
        let answer = work(connection).await?;
        self.keep(connection, &claim, &answer).await?;
        Ok(answer)
    }

    /// The answer of before, for who has to ask others before the work: what they say now must not stand in its way.
    ///
    /// # Errors
    /// 422 when the key was used for another request.
    pub async fn known(self, database: &Database, once: &Once) -> Result<Option<HttpResponse>, ApiError> {
        let Once(Some(claim)) = once else { return Ok(None) };
        let connection = database.connection().await?;
        Ok(self.kept(&connection, claim).await?.map(Answer::response))
    }

    /// The answer of before. Holds the key until the transaction ends.
    async fn find(
        self,
        connection: &mut AsyncPgConnection,
        claim: &Claim,
    ) -> Result<Option<Answer>, ApiError> {
        let held: bool =
            statement::<Bool>("SELECT pg_try_advisory_xact_lock(hashtextextended($1::text || $2, 11))")
                .bind::<SqlUuid, _>(claim.user_id)
                .bind::<Text, _>(&claim.key)
                .get_result(connection)
                .await?;
        if !held {
            return Err(ApiError::conflict("A request with this Idempotency-Key is still running."));
        }
        self.kept(connection, claim).await
    }

    async fn kept(
        self,
        mut connection: &AsyncPgConnection,
        claim: &Claim,
    ) -> Result<Option<Answer>, ApiError> {
        let prefix = self.prefix;
        let kept = statement::<(Bytea, SmallInt, Text, Nullable<Text>, Jsonb)>(format!(
            "SELECT request_digest, status, location, etag, body FROM {prefix}_idempotency_keys
             WHERE user_id = $1 AND key = $2 AND answered_at > now() - interval '24 hours'",
        ))
        .bind::<SqlUuid, _>(claim.user_id)
        .bind::<Text, _>(&claim.key)
        .get_result::<(Vec<u8>, i16, String, Option<String>, Value)>(&mut connection)
        .await
        .optional()?;
        let Some((digest, status, location, etag, body)) = kept else { return Ok(None) };
        if digest != claim.digest {
            let detail = "This Idempotency-Key was used for another request.";
            return Err(ApiError::new(ErrorCode::Invalid, detail));
        }
        let status = u16::try_from(status).ok().and_then(|status| StatusCode::from_u16(status).ok());
        let status = status.ok_or_else(|| ApiError::internal("a stored status that is none"))?;
        Ok(Some(Answer { status, location, etag, body }))
    }

    async fn keep(
        self,
        connection: &mut AsyncPgConnection,
        claim: &Claim,
        answer: &Answer,
    ) -> Result<usize, ApiError> {
        let prefix = self.prefix;
        let status = i16::try_from(answer.status.as_u16()).map_err(ApiError::internal)?;
        // One that is a day old is as good as none.
        let keep = statement::<()>(format!(
            "INSERT INTO {prefix}_idempotency_keys (user_id, key, request_digest, status, location, etag, body, answered_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, now())
             ON CONFLICT (user_id, key) DO UPDATE SET request_digest = $3, status = $4, location = $5, etag = $6, body = $7,
                 answered_at = now()",
        ));
        let keep = keep
            .bind::<SqlUuid, _>(claim.user_id)
            .bind::<Text, _>(&claim.key)
            .bind::<Bytea, _>(&claim.digest)
            .bind::<SmallInt, _>(status)
            .bind::<Text, _>(&answer.location)
            .bind::<Nullable<Text>, _>(&answer.etag)
            .bind::<Jsonb, _>(&answer.body);
        Ok(keep.execute(connection).await?)
    }

    /// Forgets answers that are a day old.
    ///
    /// # Errors
    /// When the database is away or refuses.
    pub async fn prune(self, database: Database) -> Result<String, DatabaseError> {
        let mut connection = database.connection().await?;
        let prefix = self.prefix;
        let old = statement::<()>(format!(
            "DELETE FROM {prefix}_idempotency_keys WHERE answered_at < now() - interval '24 hours'",
        ));
        let forgotten = old.execute(&mut connection).await.map_err(DatabaseError::from)?;
        Ok(format!("{forgotten} answers forgotten"))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn key(headers: &[&str]) -> Option<Option<String>> {
        let request = headers
            .iter()
            .fold(TestRequest::default(), |request, value| request.append_header((HEADER, *value)));
        read(&request.to_http_request()).ok().map(|read| read.key)
    }

    #[test]
    fn a_key_is_one_word_quoted_or_not() {
        assert_eq!(key(&[]), Some(None));
        assert_eq!(key(&["a-1"]), Some(Some("a-1".to_owned())));
        assert_eq!(key(&["\"a-1\""]), Some(Some("a-1".to_owned())));
        assert_eq!(key(&[""]), None);
        assert_eq!(key(&["\"\""]), None);
        assert_eq!(key(&["a", "b"]), None);
        assert_eq!(key(&[&"a".repeat(256)]), None);
    }
}

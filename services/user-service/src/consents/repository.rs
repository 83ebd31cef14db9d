//! Rows of consents. Whoever decides holds the account, so that one decision for a purpose follows another.

use chrono::{DateTime, Utc};
use contracts::user::ConsentResponse;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ipnet::IpNet;
use uuid::Uuid;

use crate::schema::usr_consent_records;

/// A row of `usr_consent_records`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = usr_consent_records, check_for_backend(diesel::pg::Pg))]
pub(super) struct Consent {
    pub(super) id: Uuid,
    pub(super) user_id: Uuid,
    pub(super) purpose: String,
    pub(super) given: bool,
    pub(super) policy_version: String,
    pub(super) source: String,
    pub(super) ip_address: IpNet,
    pub(super) recorded_at: DateTime<Utc>,
    pub(super) withdrawn_at: Option<DateTime<Utc>>,
}

impl From<Consent> for ConsentResponse {
    fn from(consent: Consent) -> Self {
        Self {
            id: consent.id,
            purpose: consent.purpose,
            given: consent.given,
            policy_version: consent.policy_version,
            source: consent.source,
            ip_address: consent.ip_address.addr(),
            recorded_at: consent.recorded_at,
            withdrawn_at: consent.withdrawn_at,
        }
    }
}

/// Adds a decision in place of the one that holds; served by `usr_consent_records_one_a_purpose`.
pub(super) async fn decide(connection: &mut AsyncPgConnection, consent: &Consent) -> QueryResult<usize> {
    let holding = usr_consent_records::table
        .filter(usr_consent_records::user_id.eq(consent.user_id))
        .filter(usr_consent_records::purpose.eq(&consent.purpose))
        .filter(usr_consent_records::withdrawn_at.is_null());
    diesel::update(holding)
        .set(usr_consent_records::withdrawn_at.eq(consent.recorded_at))
        .execute(connection)
        .await?;
    diesel::insert_into(usr_consent_records::table).values(consent).execute(connection).await
}

/// A decision of a person's, by primary key.
pub(super) async fn find(
    mut connection: &AsyncPgConnection,
    (user_id, id): (Uuid, Uuid),
) -> QueryResult<Option<Consent>> {
    let consent = usr_consent_records::table.find(id).filter(usr_consent_records::user_id.eq(user_id));
    consent.select(Consent::as_select()).first(&mut connection).await.optional()
}

/// Ends a decision of a person's that holds, by primary key.
pub(super) async fn withdraw(
    connection: &mut AsyncPgConnection,
    (user_id, id): (Uuid, Uuid),
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    let consent = usr_consent_records::table
        .find(id)
        .filter(usr_consent_records::user_id.eq(user_id))
        .filter(usr_consent_records::withdrawn_at.is_null());
    diesel::update(consent).set(usr_consent_records::withdrawn_at.eq(now)).execute(connection).await
}

/// Decisions of a person before one of them, the latest first, for one purpose where it is named; served by
/// `usr_consent_records_of_user`.
pub(super) async fn list(
    mut connection: &AsyncPgConnection,
    (user_id, purpose): (Uuid, Option<&str>),
    before: Option<Uuid>,
    limit: i64,
) -> QueryResult<Vec<Consent>> {
    // Boxed: with a purpose it is another plan.
    let mut consents = usr_consent_records::table
        .filter(usr_consent_records::user_id.eq(user_id))
        .filter(usr_consent_records::id.lt(before.unwrap_or(Uuid::max())))
        .order(usr_consent_records::id.desc())
        .limit(limit)
        .select(Consent::as_select())
        .into_boxed();
    if let Some(purpose) = purpose {
        consents = consents.filter(usr_consent_records::purpose.eq(purpose));
    }
    consents.load(&mut connection).await
}

//! Rows of the audit log.

use actix_web::HttpRequest;
use actix_web::http::header::USER_AGENT;
use chrono::{DateTime, Utc};
use contracts::AuditAction;
use contracts::user::AuditEntryResponse;
use database::{AsJson, AsText};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use http_kit::{ApiError, origin, request};
use ipnet::IpNet;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::schema::usr_audit_logs;

const USER_AGENT_CHARS: usize = 512;

/// Where a request comes from.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    pub(crate) ip_address: IpNet,
    pub(crate) user_agent: Option<String>,
}

impl Origin {
    /// The origin of a request.
    pub(crate) fn of(request: &HttpRequest) -> Result<Self, ApiError> {
        Ok(Self {
            ip_address: request::address(request)?.into(),
            user_agent: origin::header_text(request, USER_AGENT, USER_AGENT_CHARS),
        })
    }
}

/// Something that happened, to be written down.
#[derive(Debug, Clone)]
pub(crate) struct Deed {
    user_id: Option<Uuid>,
    actor_id: Option<Uuid>,
    action: AuditAction,
    origin: Option<Origin>,
    details: Map<String, Value>,
}

impl Deed {
    /// What happened to an account, from the shell when nothing else is said.
    pub(crate) fn of(user_id: impl Into<Option<Uuid>>, action: AuditAction) -> Self {
        Self { user_id: user_id.into(), actor_id: None, action, origin: None, details: Map::new() }
    }

    /// Who did it, and from where.
    pub(crate) fn by(self, actor_id: impl Into<Option<Uuid>>, origin: &Origin) -> Self {
        Self { actor_id: actor_id.into(), origin: Some(origin.clone()), ..self }
    }

    /// More about it.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }
}

/// A row of `usr_audit_logs`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = usr_audit_logs, check_for_backend(diesel::pg::Pg))]
pub(super) struct AuditEntry {
    pub(super) id: Uuid,
    user_id: Option<Uuid>,
    actor_id: Option<Uuid>,
    action: AsText<AuditAction>,
    ip_address: Option<IpNet>,
    user_agent: Option<String>,
    details: AsJson<Map<String, Value>>,
    occurred_at: DateTime<Utc>,
}

impl From<AuditEntry> for AuditEntryResponse {
    fn from(entry: AuditEntry) -> Self {
        Self {
            id: entry.id,
            action: entry.action.0,
            actor_id: entry.actor_id,
            ip_address: entry.ip_address.map(|address| address.addr()),
            user_agent: entry.user_agent,
            details: entry.details.0,
            occurred_at: entry.occurred_at,
        }
    }
}

/// Writes down what happens in the caller's transaction.
pub(crate) async fn record(
    connection: &mut AsyncPgConnection,
    deed: Deed,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    let (ip_address, user_agent) = deed.origin.map(|origin| (origin.ip_address, origin.user_agent)).unzip();
    let entry = AuditEntry {
        id: contracts::ids::new_id(),
        user_id: deed.user_id,
        actor_id: deed.actor_id,
        action: AsText(deed.action),
        ip_address,
        user_agent: user_agent.flatten(),
        details: AsJson(deed.details),
        occurred_at: now,
    };
    diesel::insert_into(usr_audit_logs::table).values(entry).execute(connection).await
}

/// What was written down of an account before an entry, the latest first; served by `usr_audit_logs_of_user`.
pub(super) async fn list(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    before: Option<Uuid>,
    limit: i64,
) -> QueryResult<Vec<AuditEntry>> {
    usr_audit_logs::table
        .filter(usr_audit_logs::user_id.eq(user_id))
        .filter(usr_audit_logs::id.lt(before.unwrap_or(Uuid::max())))
        .order(usr_audit_logs::id.desc())
        .limit(limit)
        .select(AuditEntry::as_select())
        .load(&mut connection)
        .await
}

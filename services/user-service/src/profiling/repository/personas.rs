//! Rows of personas.

use chrono::{DateTime, NaiveDate, Utc};
use contracts::user::{NotEnough, PersonaResponse};
use database::{AsJson, statement};
use diesel::prelude::*;
use diesel::sql_types::{Jsonb, Nullable, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::super::domain::{ALGORITHM_VERSION, Persona};
use crate::schema::usr_user_personas;

/// A row of `usr_user_personas`.
#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = usr_user_personas, check_for_backend(diesel::pg::Pg))]
pub(crate) struct PersonaRow {
    id: Uuid,
    user_id: Uuid,
    pub(crate) version: i32,
    persona_name: String,
    persona_description: String,
    personality: AsJson<Map<String, Value>>,
    behavior: AsJson<Map<String, Value>>,
    cognitive: AsJson<Map<String, Value>>,
    social: AsJson<Map<String, Value>>,
    growth: AsJson<Map<String, Value>>,
    confidence: f64,
    data_points: i32,
    source_timeframe_start: NaiveDate,
    source_timeframe_end: NaiveDate,
    is_active: bool,
    evidence: AsJson<Vec<Uuid>>,
    algorithm_version: i32,
    generated_at: DateTime<Utc>,
}

impl From<PersonaRow> for PersonaResponse {
    fn from(row: PersonaRow) -> Self {
        Self {
            id: row.id,
            version: row.version,
            persona_name: row.persona_name,
            persona_description: row.persona_description,
            personality: row.personality.0,
            behavior: row.behavior.0,
            cognitive: row.cognitive.0,
            social: row.social.0,
            growth: row.growth.0,
            confidence: row.confidence,
            data_points: row.data_points,
            source_timeframe_start: row.source_timeframe_start,
            source_timeframe_end: row.source_timeframe_end,
            is_active: row.is_active,
            evidence: row.evidence.0,
            algorithm_version: row.algorithm_version,
            generated_at: row.generated_at,
        }
    }
}

/// The last day that the present persona looks at; served by `usr_user_personas_one_active`.
pub(in super::super) async fn last_day(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
) -> QueryResult<Option<NaiveDate>> {
    let active = usr_user_personas::table.filter(usr_user_personas::user_id.eq(user_id));
    let active = active.filter(usr_user_personas::is_active);
    active.select(usr_user_personas::source_timeframe_end).first(connection).await.optional()
}

/// Writes the next version, which is the present one from now on; gives its number.
pub(in super::super) async fn write(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
    persona: Persona,
    now: DateTime<Utc>,
) -> QueryResult<i32> {
    let own = usr_user_personas::table.filter(usr_user_personas::user_id.eq(user_id));
    diesel::update(own.filter(usr_user_personas::is_active))
        .set(usr_user_personas::is_active.eq(false))
        .execute(connection)
        .await?;
    let last: Option<i32> =
        own.select(diesel::dsl::max(usr_user_personas::version)).first(connection).await?;
    let version = last.unwrap_or(0) + 1;
    let row = PersonaRow {
        id: contracts::ids::new_id(),
        user_id,
        version,
        persona_name: persona.name,
        persona_description: persona.description,
        personality: AsJson(persona.personality),
        behavior: AsJson(persona.behavior),
        cognitive: AsJson(persona.cognitive),
        social: AsJson(persona.social),
        growth: AsJson(persona.growth),
        confidence: persona.confidence,
        data_points: persona.data_points,
        source_timeframe_start: persona.first,
        source_timeframe_end: persona.last,
        is_active: true,
        evidence: AsJson([persona.evidence.entries, persona.evidence.reflections].concat()),
        algorithm_version: ALGORITHM_VERSION,
        generated_at: now,
    };
    diesel::insert_into(usr_user_personas::table).values(row).execute(connection).await?;
    Ok(version)
}

/// The present persona; served by `usr_user_personas_one_active`.
pub(in super::super) async fn find_active(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
) -> QueryResult<Option<PersonaRow>> {
    usr_user_personas::table
        .filter(usr_user_personas::user_id.eq(user_id))
        .filter(usr_user_personas::is_active)
        .select(PersonaRow::as_select())
        .first(&mut connection)
        .await
        .optional()
}

/// A person's personas before a version, the last first; served by `usr_user_personas_version_key`.
pub(in super::super) async fn list(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    before: Option<i32>,
    limit: i64,
) -> QueryResult<Vec<PersonaRow>> {
    usr_user_personas::table
        .filter(usr_user_personas::user_id.eq(user_id))
        .filter(usr_user_personas::version.lt(before.unwrap_or(i32::MAX)))
        .order(usr_user_personas::version.desc())
        .limit(limit)
        .select(PersonaRow::as_select())
        .load(&mut connection)
        .await
}

/// What the last run that ended had too little of for a persona.
pub(in super::super) async fn not_enough(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
) -> QueryResult<NotEnough> {
    let said: Option<Option<AsJson<Value>>> = statement::<Nullable<Jsonb>>(
        "SELECT counts->'persona' FROM usr_analysis_runs
         WHERE user_id = $1 AND status = 'completed' ORDER BY id DESC LIMIT 1",
    )
    .bind::<SqlUuid, _>(user_id)
    .get_result(&mut connection)
    .await
    .optional()?;
    // What it says of a persona that it made is none.
    let said = said.flatten();
    let said = said.and_then(|AsJson(persona)| serde_json::from_value(persona).ok());
    Ok(said.unwrap_or_else(|| NotEnough { of: "analyses".to_owned(), had: 0, needed: 1 }))
}

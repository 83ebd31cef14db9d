//! Runs of the analysis.

use std::future::ready;
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, Utc};
use contracts::events::InsightCreated;
use contracts::{EventType, RunTrigger};
use database::{Database, DatabaseError};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use futures_util::{StreamExt, stream};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::domain::{self, ALGORITHM_VERSION, Abstention, Findings, Inputs, Persona, Snapshot};
use super::repository::{self, Run};
use crate::entries::reading;
use crate::entries::repository::refresh_person;
use crate::events::OUTBOX;
use crate::{accounts, days, profiles};

/// People that are analysed side by side.
const AT_ONCE: usize = 2;
/// People that are looked up at a time.
const PAGE: i64 = 100;
/// How long one tick takes up people: less than the quarter of an hour after which the next one comes.
const BUDGET: Duration = Duration::from_secs(600);

/// Days that a persona is kept.
const PERSONA_DAYS: i64 = 7;
/// New entries that are reason for a run.
const NEWS: i64 = 10;

/// Why a run failed.
#[derive(Debug, thiserror::Error)]
enum RunError {
    #[error("the person has no account")]
    NoAccount,
    #[error("the analysis broke down")]
    Broken(#[from] tokio::task::JoinError),
    #[error("another run took over")]
    Lost,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl RunError {
    /// What the person reads of it, which says nothing of the inside; nothing of a run that is no longer this one's to end.
    fn said(&self) -> Option<&'static str> {
        match self {
            Self::NoAccount => Some("the person has no account"),
            Self::Broken(_) => Some("the analysis broke down"),
            Self::Lost => None,
            Self::Database(_) => Some("the database did not answer"),
        }
    }
}

impl From<diesel::result::Error> for RunError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Does a run that was claimed, and writes down how it ended.
pub(super) async fn execute(database: Database, run: Run) {
    let Err(error) = work(&database, &run).await else { return };
    let cause = telemetry::error_chain(&error);
    // Whoever took the run over has written down how it ended.
    let Some(said) = error.said() else {
        tracing::warn!(run = %run.id, cause, "an analysis was for nothing");
        return;
    };
    tracing::error!(run = %run.id, cause, "an analysis failed");
    // The next run takes over what stays behind.
    if let Err(error) = fail(&database, run.id, said).await {
        tracing::error!(run = %run.id, %error, "a failed analysis could not be written down");
    }
}

async fn fail(database: &Database, run_id: Uuid, said: &str) -> Result<(), DatabaseError> {
    let mut connection = database.connection().await?;
    repository::fail_run(&mut connection, run_id, said).await?;
    Ok(())
}

async fn work(database: &Database, run: &Run) -> Result<(), RunError> {
    let now = contracts::clock::now();
    let mut connection = database.connection().await?;
    connection.transaction(async |connection| analyse(connection, run, now).await).await
}

/// One person, in one transaction, in the person's turn: what is read does not change until all is written.
async fn analyse(connection: &mut AsyncPgConnection, run: &Run, now: DateTime<Utc>) -> Result<(), RunError> {
    let user_id = run.user_id;
    profiles::repository::lock(connection, user_id).await?;
    let account = accounts::repository::find(connection, user_id).await?.ok_or(RunError::NoAccount)?;
    let today = now.with_timezone(&days::zone(&account.timezone)).date_naive();
    let read_again = reading::read_again(connection, user_id, &account.language).await?;
    let inputs = repository::load_inputs(connection, user_id, (&account.timezone, today)).await?;
    let read = json!({
        "entries": inputs.entries.len(), "answers": inputs.answers.len(), "checkins": inputs.checkins.len(), "listeningDays": inputs.listening.len(),
        "again": read_again,
    });
    let seed = domain::seed_of(user_id, today);
    let wants_persona = wants_persona(connection, user_id, today).await?;
    let looking = tokio::task::spawn_blocking(move || look(&inputs, seed, wants_persona));
    let Looks { findings, snapshots, persona } = looking.await?;
    let unique_themes = repository::refresh_themes(connection, user_id).await?;
    repository::write_patterns(connection, (user_id, today), &findings.patterns).await?;
    let insights = repository::write_insights(connection, run).await?;
    let new_insights = insights.len();
    let events = insights.into_iter().map(|insight_id| (user_id, InsightCreated { user_id, insight_id }));
    OUTBOX.enqueue(connection, EventType::InsightCreated, events.collect()).await?;
    repository::write_analytics(connection, user_id, &snapshots).await?;
    let detected = findings.patterns.len();
    repository::write_metrics(connection, (user_id, &account.timezone), today, detected).await?;
    refresh_person(connection, user_id, now).await?;
    repository::refresh_insight_total(connection, user_id).await?;
    let persona = write_persona(connection, user_id, persona, now).await?;
    let mut counts = counts(&findings, read, (unique_themes, new_insights));
    counts.insert("persona".to_owned(), persona);
    // Whoever was taken for dead has no right to write any more: all of it is rolled back.
    match repository::complete_run(connection, run.id, (today, seed), counts).await? {
        0 => Err(RunError::Lost),
        _ => Ok(()),
    }
}

/// A persona is made once a week.
async fn wants_persona(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
    today: NaiveDate,
) -> Result<bool, RunError> {
    let last = repository::last_day_of_persona(connection, user_id).await?;
    Ok(last.is_none_or(|last| (today - last).num_days() >= PERSONA_DAYS))
}

/// Writes a persona, and gives what is to be said of it: its version, what it lacks, or that it was not time for one.
async fn write_persona(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
    persona: Option<Result<Persona, Abstention>>,
    now: DateTime<Utc>,
) -> Result<Value, RunError> {
    Ok(match persona {
        None => json!("of this week"),
        Some(Err(abstention)) => json!(abstention),
        Some(Ok(persona)) => {
            json!({"version": repository::write_persona(connection, user_id, persona, now).await?})
        }
    })
}

/// All that is seen in a person's days.
struct Looks {
    findings: Findings,
    snapshots: Vec<Snapshot>,
    /// None when it is not time for one.
    persona: Option<Result<Persona, Abstention>>,
}

fn look(inputs: &Inputs, seed: u64, wants_persona: bool) -> Looks {
    Looks {
        findings: domain::detect(inputs, seed),
        snapshots: domain::snapshots(inputs),
        persona: wants_persona.then(|| domain::persona(inputs)),
    }
}

fn counts(findings: &Findings, read: Value, (themes, new_insights): (i64, usize)) -> Map<String, Value> {
    let abstained = findings.abstentions.iter().map(|(kind, why)| {
        let reason = format!("{} {}, {} needed", why.had, why.of, why.needed);
        (kind.to_string(), Value::from(reason))
    });
    Map::from_iter([
        ("read".to_owned(), read),
        ("patterns".to_owned(), Value::from(findings.patterns.len())),
        ("themes".to_owned(), Value::from(themes)),
        ("newInsights".to_owned(), Value::from(new_insights)),
        ("abstained".to_owned(), Value::Object(abstained.collect())),
    ])
}

/// Analyses everybody whose night it is and who was not analysed in it. Whoever is left when it is cut off is found by the next tick.
pub(crate) async fn analyse_people(database: Database) -> Result<String, DatabaseError> {
    analyse_all(&database, RunTrigger::Schedule).await
}

/// Analyses everybody who has written enough since the last run and has paused, so that an import is looked at when it is over.
pub(crate) async fn analyse_writers(database: Database) -> Result<String, DatabaseError> {
    analyse_all(&database, RunTrigger::Event).await
}

/// Takes up people until there are none or the time is over; the next tick goes on.
async fn analyse_all(database: &Database, trigger: RunTrigger) -> Result<String, DatabaseError> {
    let until = Instant::now() + BUDGET;
    let (mut after, mut analysed) = (Uuid::nil(), 0_usize);
    while Instant::now() < until {
        let connection = database.connection().await?;
        let people = match trigger {
            RunTrigger::Event => repository::list_writers(&connection, NEWS, after, PAGE).await?,
            RunTrigger::Schedule | RunTrigger::Manual => {
                repository::list_due(&connection, after, PAGE).await?
            }
        };
        drop(connection);
        let Some(last) = people.last() else { break };
        after = *last;
        let (ran, failure) = stream::iter(people)
            .take_while(|_| ready(Instant::now() < until))
            .map(|user_id| analyse_one(database, user_id, trigger))
            .buffer_unordered(AT_ONCE)
            .fold((0, None), |(number, failure), ran| {
                // Not at the first error: the run beside it would be dropped in the middle, and its claim would stay.
                ready(match ran {
                    Ok(ran) => (number + usize::from(ran), failure),
                    Err(error) => (number, failure.or(Some(error))),
                })
            })
            .await;
        analysed += ran;
        if let Some(error) = failure {
            return Err(error);
        }
    }
    Ok(format!("{analysed} people analysed, version {ALGORITHM_VERSION}"))
}

/// Analyses a person who is not being analysed already. The claim is made when the turn comes, so that a process that is killed
/// leaves few of them behind.
async fn analyse_one(database: &Database, user_id: Uuid, trigger: RunTrigger) -> Result<bool, DatabaseError> {
    let mut connection = database.connection().await?;
    let run = repository::claim(&mut connection, user_id, trigger).await?;
    drop(connection);
    let Some(run) = run else { return Ok(false) };
    execute(database.clone(), run).await;
    Ok(true)
}

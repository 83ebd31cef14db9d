//! What user-service tells the others, and what it hears from them.

use std::collections::BTreeSet;

use actix_web::{HttpResponse, post, web};
use contracts::events::{AccountRemoved, EventBatch, EventsReceipt, JobEnded};
use contracts::storage::JobOutput;
use contracts::{EventType, Problem};
use database::Database;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use http_kit::auth::Callee;
use http_kit::{ApiError, InternalCaller, Json};
use identity::Service;
use outbox::{Heard, Outbox, Subscription, hear};
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::app::UserState;
use crate::books;
use crate::pictures::{self, Size};
use crate::profiling::listening::{self, Told};
use crate::{guests, privacy};

/// The events of this service, and who wants them.
pub(crate) const OUTBOX: Outbox = Outbox::new(
    Service::User,
    "usr",
    &[
        Subscription {
            subscriber: Service::Music,
            types: &[
                EventType::CircleJoined,
                EventType::CircleLeft,
                EventType::AccountDeleted,
                EventType::AccountMerged,
            ],
        },
        Subscription {
            subscriber: Service::Storage,
            types: &[EventType::UserFilesReferenced, EventType::AccountDeleted, EventType::AccountMerged],
        },
    ],
);

/// What this service wants to know.
const WANTED: [EventType; 5] = [
    EventType::TrackPlayed,
    EventType::PlayDeleted,
    EventType::JobCompleted,
    EventType::MusicErased,
    EventType::StorageErased,
];

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(
        utoipa_actix_web::scope("/internal/user/events")
            .app_data(Callee(Service::User))
            .service(receive_user_events),
    );
}

/// Hears events of other services: all of a delivery or none of it, each once.
#[utoipa::path(tag = "internal", security(("service_token" = [])), responses(
    (status = 200, body = EventsReceipt),
    (status = 401, body = Problem),
    (status = 422, description = "One of them cannot be read", body = Problem),
))]
#[post("")]
async fn receive_user_events(
    state: web::Data<UserState>,
    _: InternalCaller,
    batch: Json<EventBatch>,
) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(hear_all(state.database.clone(), batch.0).await?))
}

/// Hears a delivery, by whatever way it came.
pub(crate) async fn hear_all(database: Database, batch: EventBatch) -> Result<EventsReceipt, ApiError> {
    let EventBatch(events) = batch;
    let mut connection = database.connection().await?;
    let applied = connection
        .transaction(async |connection| {
            let heard = hear(&OUTBOX, connection, &WANTED, events).await?;
            apply(connection, &heard).await?;
            Ok::<_, ApiError>(heard.len())
        })
        .await?;
    Ok(EventsReceipt { applied })
}

/// Reads all of a delivery before any of it has an effect.
async fn apply(connection: &mut AsyncPgConnection, heard: &[Heard]) -> Result<(), ApiError> {
    let (mut plays, mut sizes) = (Vec::new(), Vec::new());
    let mut answers: Vec<(Service, AccountRemoved)> = Vec::new();
    for event in heard {
        match event.kind {
            EventType::TrackPlayed => plays.push(Told::Played(read(event)?)),
            EventType::PlayDeleted => plays.push(Told::Deleted(read(event)?)),
            EventType::JobCompleted => sizes.extend(size_of(&read(event)?)),
            EventType::MusicErased => answers.push((Service::Music, read(event)?)),
            EventType::StorageErased => answers.push((Service::Storage, read(event)?)),
            _ => {}
        }
    }
    // In one order, whoever answers: two deliveries wait for each other in one direction.
    answers.sort_by_key(|(_, answer)| answer.request_id);
    for (service, answer) in answers {
        privacy::answered(connection, service, answer).await?;
    }
    let plays = by_heirs(connection, plays).await?;
    listening::repository::apply(connection, plays).await?;
    books::repository::set_sizes(connection, &sizes).await?;
    Ok(())
}

/// How large a picture is, when a job has probed one.
fn size_of(job: &JobEnded) -> Option<(Uuid, Size)> {
    let output = Value::Object(job.output_params.clone());
    let JobOutput { media, .. } = serde_json::from_value(output).ok()?;
    Some((job.file_id, pictures::size_of(&media?)?))
}

/// The plays of a delivery with whose they are by now: a guest's are those of the account that it became part of, and those of
/// who has no account any more are nobody's. Whoever has a play deleted is held with their turn.
async fn by_heirs(connection: &mut AsyncPgConnection, mut plays: Vec<Told>) -> Result<Vec<Told>, ApiError> {
    if plays.is_empty() {
        return Ok(plays);
    }
    let (mut people, mut changing) = (BTreeSet::new(), BTreeSet::new());
    for told in &mut plays {
        people.insert(*told.person());
        // What rested on a play that is gone is taken back, which is a change of the person's things.
        if told.is_deletion() {
            changing.insert(*told.person());
        }
    }
    let (people, changing): (Vec<Uuid>, Vec<Uuid>) =
        (people.into_iter().collect(), changing.into_iter().collect());
    let heirs = guests::heirs(connection, &people, &changing).await?;
    plays.retain_mut(|told| {
        let person = told.person();
        heirs.get(person).inspect(|heir| *person = **heir).is_some()
    });
    Ok(plays)
}

fn read<T: serde::de::DeserializeOwned>(event: &Heard) -> Result<T, ApiError> {
    event.data().map_err(|error| ApiError::invalid("", format!("{} {}: {error}", event.kind, event.event.id)))
}

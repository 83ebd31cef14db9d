//! What music-service tells the others, and what it hears from them.

use actix_web::{HttpResponse, post, web};
use contracts::events::{EventBatch, EventsReceipt, JobEnded};
use contracts::{EventType, Problem};
use database::Database;
use diesel::QueryResult;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use http_kit::auth::Callee;
use http_kit::{ApiError, InternalCaller, Json};
use identity::Service;
use outbox::{Heard, Outbox, Subscription, hear};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::app::MusicState;
use crate::audio_jobs::{self, Ending};
use crate::circles;
use crate::people;
use crate::tracks;

/// The events of this service, and who wants them.
pub(crate) const OUTBOX: Outbox = Outbox::new(
    Service::Music,
    "mus",
    &[
        Subscription {
            subscriber: Service::User,
            types: &[EventType::TrackPlayed, EventType::PlayDeleted, EventType::MusicErased],
        },
        Subscription { subscriber: Service::Storage, types: &[EventType::MusicFilesReferenced] },
    ],
);

/// What this service wants to know.
const WANTED: [EventType; 7] = [
    EventType::CircleJoined,
    EventType::CircleLeft,
    EventType::JobCompleted,
    EventType::JobFailed,
    EventType::AccountDeleted,
    EventType::AccountMerged,
    EventType::FileReplaced,
];

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(
        utoipa_actix_web::scope("/internal/music/events")
            .app_data(Callee(Service::Music))
            .service(receive_music_events),
    );
}

/// Hears events of other services: all of a delivery or none of it, each once.
#[utoipa::path(tag = "internal", security(("service_token" = [])), responses(
    (status = 200, body = EventsReceipt),
    (status = 401, body = Problem),
    (status = 422, description = "One of them cannot be read", body = Problem),
))]
#[post("")]
async fn receive_music_events(
    state: web::Data<MusicState>,
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
            for event in &heard {
                apply(connection, event).await?;
            }
            Ok::<_, ApiError>(heard.len())
        })
        .await?;
    Ok(EventsReceipt { applied })
}

async fn apply(connection: &mut AsyncPgConnection, event: &Heard) -> Result<(), ApiError> {
    match event.kind {
        EventType::CircleJoined => {
            circles::repository::join(connection, &read(event)?, event.event.time).await?;
        }
        EventType::CircleLeft => drop(circles::repository::leave(connection, &read(event)?).await?),
        EventType::FileReplaced => tracks::follow_file(connection, &read(event)?).await?,
        EventType::AccountDeleted => people::erase(connection, &read(event)?).await?,
        EventType::AccountMerged => people::merge(connection, &read(event)?).await?,
        EventType::JobCompleted | EventType::JobFailed => job_ended(connection, &read(event)?).await?,
        _ => {}
    }
    Ok(())
}

/// An audio job's end, or the loudness that storage-service measured of its own accord.
async fn job_ended(connection: &mut AsyncPgConnection, job: &JobEnded) -> QueryResult<()> {
    if let Some(ending) = Ending::of_event(job) {
        audio_jobs::end(connection, ending).await?;
    }
    if let Some(loudness) = audio_jobs::measured(job) {
        audio_jobs::measure(connection, job.file_id, loudness).await?;
    }
    Ok(())
}

fn read<T: serde::de::DeserializeOwned>(event: &Heard) -> Result<T, ApiError> {
    event.data().map_err(|error| ApiError::invalid("", format!("{} {}: {error}", event.kind, event.event.id)))
}

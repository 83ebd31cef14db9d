//! What storage-service tells the others, and what it hears from them.

use actix_web::{HttpResponse, post, web};
use contracts::events::{EventBatch, EventsReceipt, FilesReferenced};
use contracts::{EventType, Problem};
use database::Database;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use http_kit::{ApiError, InternalCaller, Json};
use identity::Service;
use outbox::{Heard, Outbox, Subscription, hear};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::app::StorageState;
use crate::{lifecycle, people};

/// The events of this service, and who wants them.
pub(crate) const OUTBOX: Outbox = Outbox::new(
    Service::Storage,
    "stg",
    &[
        // What was made of sounds, and sounds that are others now.
        Subscription {
            subscriber: Service::Music,
            types: &[EventType::JobCompleted, EventType::JobFailed, EventType::FileReplaced],
        },
        // How large pictures are, and what is left of an account.
        Subscription {
            subscriber: Service::User,
            types: &[EventType::JobCompleted, EventType::StorageErased],
        },
    ],
);

/// What this service wants to know.
const WANTED: [EventType; 4] = [
    EventType::MusicFilesReferenced,
    EventType::UserFilesReferenced,
    EventType::AccountDeleted,
    EventType::AccountMerged,
];

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(receive_storage_events);
}

/// Hears events of other services: all of a delivery or none of it, each once.
#[utoipa::path(tag = "internal", security(("service_token" = [])), responses(
    (status = 200, body = EventsReceipt),
    (status = 401, body = Problem),
    (status = 422, description = "One of them cannot be read", body = Problem),
))]
#[post("/events")]
async fn receive_storage_events(
    state: web::Data<StorageState>,
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
            // All files of the delivery first, in one order: two deliveries wait for each other in one direction.
            let referenced = heard.iter().filter_map(|event| Some((teller(event.kind)?, event)));
            let told: Result<Vec<_>, _> =
                referenced.map(|(service, event)| Ok::<_, ApiError>((service, read(event)?))).collect();
            lifecycle::hold(connection, &told?).await?;
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
        EventType::AccountDeleted => people::erase(connection, &read(event)?).await?,
        EventType::AccountMerged => people::merge(connection, &read(event)?).await?,
        kind => {
            if let Some(service) = teller(kind) {
                let told: FilesReferenced = read(event)?;
                lifecycle::replace(connection, service, told, contracts::clock::now()).await?;
            }
        }
    }
    Ok(())
}

/// Whose things an event about references is about.
fn teller(kind: EventType) -> Option<Service> {
    match kind {
        EventType::MusicFilesReferenced => Some(Service::Music),
        EventType::UserFilesReferenced => Some(Service::User),
        _ => None,
    }
}

fn read<T: serde::de::DeserializeOwned>(event: &Heard) -> Result<T, ApiError> {
    event.data().map_err(|error| ApiError::invalid("", format!("{} {}: {error}", event.kind, event.event.id)))
}

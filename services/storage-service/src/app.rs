//! The service as a whole: what it is made of, and its routes.

use std::sync::Arc;

use actix_web::web;
use audit::{Audited, Ledger};
use database::Database;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use futures_util::FutureExt;
use http_kit::Answers;
use http_kit::auth::Callee;
use http_kit::health::Check;
use identity::{Service, TokenIssuer, Verifier};
use launch::{Context, Deployable, Mounted, Revocations, StartError};
use outbox::Relay;
use scheduler::Timetable;
use settings::{Environment, SettingsError};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::access::AccessLog;
use crate::blob_store::LocalBlobs;
use crate::events::OUTBOX;
use crate::jobs::Workers;
use crate::settings::{Limits, StorageSettings};
use crate::timetable::Upkeep;
use crate::uploads::Doors;
use crate::{
    access, counters, event_log, events, files, jobs, keys, lifecycle, people, quotas, serving, timetable,
    uploads, versions,
};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/storage");

/// Answers to requests that may be sent again.
pub(crate) const ANSWERS: Answers = Answers::new("stg");

/// What every handler of the service may reach.
pub(crate) struct StorageState {
    pub(crate) database: Database,
    pub(crate) blobs: LocalBlobs,
    pub(crate) access_log: AccessLog,
    pub(crate) workers: Workers,
    pub(crate) timetable: Timetable,
    pub(crate) issuer: Arc<TokenIssuer>,
    pub(crate) verifier: Arc<Verifier>,
    pub(crate) limits: Limits,
    pub(crate) doors: Doors,
    pub(crate) user_max_bytes: Option<i64>,
}

/// storage-service, to be started.
pub struct StorageService;

impl Deployable for StorageService {
    const SERVICE: Service = Service::Storage;

    type Settings = StorageSettings;

    fn migrations() -> EmbeddedMigrations {
        MIGRATIONS
    }

    fn counters() -> Ledger {
        counters::LEDGER
    }

    fn routes(config: &mut ServiceConfig<'_>) {
        // Routes are tried in this order: what is asked for most comes first.
        config
            .configure(serving::configure)
            .configure(keys::configure)
            .configure(uploads::configure)
            .configure(files::configure)
            .configure(lifecycle::configure)
            .configure(quotas::configure)
            .configure(versions::configure)
            .configure(access::configure)
            .configure(jobs::configure)
            .configure(event_log::configure)
            .service(
                utoipa_actix_web::scope("/internal/storage")
                    .app_data(Callee(Service::Storage))
                    .configure(events::configure)
                    .configure(files::configure_internal)
                    .configure(jobs::configure_internal)
                    .configure(lifecycle::configure_internal)
                    .configure(people::configure_internal)
                    .configure(timetable::configure),
            );
    }

    fn read_settings(env: &Environment) -> Result<StorageSettings, SettingsError> {
        StorageSettings::from_env(env)
    }

    async fn build(settings: StorageSettings, context: Context) -> Result<Mounted, StartError> {
        let database = Database::new(&settings.database)?;
        let revocations = Revocations::follow(&context)?;
        let broker = settings.broker.connect(&context.issuer, &context.verifier).await;
        let broker = broker.map_err(|error| StartError::Broker(Box::new(error)))?;
        let connect = |to| context.connection(to);
        let (relay, deliveries) = Relay::start(&database, OUTBOX, broker, connect, events::hear_all)?;
        let blobs = open_blobs(&settings)?;
        let (access_log, writer) = AccessLog::start(database.clone());
        let max_bytes = settings.limits.max_bytes;
        let (workers, workers_end) =
            Workers::start(database.clone(), blobs.clone(), settings.workers, max_bytes);
        let upkeep = Upkeep {
            database: database.clone(),
            blobs: blobs.clone(),
            access_retention: settings.access_retention,
        };
        let timetable = Timetable::start_with(database.clone(), upkeep, &timetable::JOBS)
            .await
            .map_err(|error| StartError::Timetable(Box::new(error)))?;
        let state = web::Data::new(StorageState {
            timetable: timetable.clone(),
            database: database.clone(),
            blobs: blobs.clone(),
            access_log: access_log.clone(),
            workers: workers.clone(),
            issuer: context.issuer,
            verifier: context.verifier,
            limits: settings.limits,
            doors: Doors::new(&settings.fetch, settings.limits.patience)?,
            user_max_bytes: settings.user_max_bytes,
        });
        Ok(Mounted {
            routes: Self::routes,
            data: Box::new(move |config| {
                config.app_data(state.clone());
            }),
            checks: vec![
                Check::database(Self::SERVICE.name(), database.clone(), Self::migrations),
                Check::new(format!("{} blobs", Self::SERVICE), move || {
                    let blobs = blobs.clone();
                    async move { blobs.check().await }
                }),
            ],
            audited: Audited { service: Self::SERVICE, database: database.clone() },
            stop: async move {
                drop(revocations);
                timetable.stop().await;
                workers.stop();
                workers_end.await;
                relay.stop();
                deliveries.await;
                access_log.close();
                writer.await;
                database.close();
            }
            .boxed(),
        })
    }
}

fn open_blobs(settings: &StorageSettings) -> Result<LocalBlobs, StartError> {
    LocalBlobs::open(&settings.blob_dir, settings.s3.as_ref()).map_err(|source| {
        let doing = format!("the folder of blobs, {}, cannot be used", settings.blob_dir.display());
        StartError::Io { doing, source }
    })
}

//! The service as a whole: what it is made of, and its routes.

use std::sync::Arc;

use actix_web::web;
use audit::{Audited, Ledger};
use contracts::client::StorageClient;
use database::{Database, DatabaseSettings};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use futures_util::FutureExt;
use http_kit::HttpSettings;
use http_kit::health::Check;
use identity::{Service, TokenIssuer, Verifier};
use launch::{Context, Deployable, Mounted, StartError};
use outbox::Relay;
use scheduler::Timetable;
use settings::{Environment, SettingsError};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::accounts::Accounts;
use crate::auth::{AttemptLimits, Blacklist};
use crate::events::OUTBOX;
use crate::jobs::Upkeep;
use crate::{
    accounts, auth, books, circle, counters, entries, events, jobs, keys, profiles, profiling, reflections,
};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/user");

/// What every handler of the service may reach.
pub(crate) struct UserState {
    pub(crate) database: Database,
    pub(crate) accounts: Accounts,
    pub(crate) issuer: Arc<TokenIssuer>,
    pub(crate) verifier: Arc<Verifier>,
    pub(crate) storage: StorageClient,
    pub(crate) timetable: Timetable,
    /// Absent where callers are held to no rate.
    pub(crate) attempts: Option<AttemptLimits>,
}

/// What the service reads from the environment.
pub struct UserSettings {
    database: DatabaseSettings,
    rate_limit: bool,
}

/// user-service, to be started.
pub struct UserService;

impl Deployable for UserService {
    const SERVICE: Service = Service::User;

    type Settings = UserSettings;

    fn migrations() -> EmbeddedMigrations {
        MIGRATIONS
    }

    fn counters() -> Ledger {
        counters::LEDGER
    }

    fn routes(config: &mut ServiceConfig<'_>) {
        config
            .configure(keys::configure)
            .configure(auth::configure)
            .configure(accounts::configure)
            .configure(circle::configure)
            .configure(books::configure)
            .configure(entries::configure)
            .configure(jobs::configure)
            .configure(events::configure)
            .configure(profiling::configure)
            .configure(reflections::configure)
            .configure(profiles::configure);
    }

    fn read_settings(env: &Environment) -> Result<UserSettings, SettingsError> {
        Ok(UserSettings {
            database: DatabaseSettings::from_env(env)?,
            rate_limit: HttpSettings::from_env(env)?.rate_limit,
        })
    }

    async fn build(settings: UserSettings, context: Context) -> Result<Mounted, StartError> {
        let database = Database::new(&settings.database)?;
        let storage = StorageClient::new(context.connection(Service::Storage)?);
        let (relay, deliveries) = Relay::start(&database, OUTBOX, |to| context.connection(to))?;
        let upkeep = Upkeep { database: database.clone(), storage: storage.clone() };
        let timetable = Timetable::start_with(database.clone(), upkeep, &jobs::JOBS)
            .await
            .map_err(|error| StartError::Timetable(Box::new(error)))?;
        let blacklist = Blacklist::follow(database.clone(), Arc::clone(&context.verifier));
        let state = web::Data::new(UserState {
            database: database.clone(),
            accounts: Accounts::new(database.clone()),
            issuer: context.issuer,
            verifier: context.verifier,
            storage,
            timetable: timetable.clone(),
            attempts: settings.rate_limit.then(AttemptLimits::default),
        });
        Ok(Mounted {
            routes: Self::routes,
            data: Box::new(move |config| {
                config.app_data(state.clone());
            }),
            checks: vec![Check::database(Self::SERVICE.name(), database.clone(), Self::migrations)],
            audited: Audited { service: Self::SERVICE, database: database.clone() },
            stop: async move {
                drop(blacklist);
                timetable.stop().await;
                relay.stop();
                deliveries.await;
                database.close();
            }
            .boxed(),
        })
    }
}

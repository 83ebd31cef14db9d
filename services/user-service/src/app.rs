//! The service as a whole: what it is made of, and its routes.

use std::sync::Arc;

use actix_web::{HttpRequest, web};
use audit::{Audited, Ledger};
use contracts::client::{Connection, MusicClient, StorageClient};
use database::{Database, DatabaseSettings};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use futures_util::FutureExt;
use futures_util::future::OptionFuture;
use http_kit::health::Check;
use http_kit::{Answers, ApiError, HttpSettings, request};
use identity::{Service, TokenIssuer, Verifier};
use launch::{Context, Deployable, Mounted, StartError};
use outbox::{BrokerSettings, Relay};
use scheduler::Timetable;
use settings::{Environment, SettingsError};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::accounts::Accounts;
use crate::auth::{AttemptLimits, Blacklist};
use crate::events::OUTBOX;
use crate::follower::Follower;
use crate::jobs::Upkeep;
use crate::mail::{MailSettings, Mailer};
use crate::privacy::Gatherer;
use crate::{
    accounts, api_keys, audit_log, auth, books, circle, consents, counters, entries, event_log, events,
    guests, jobs, keys, password_resets, privacy, profiles, profiling, reflections,
};

/// Answers to requests that may be sent again.
pub(crate) const ANSWERS: Answers = Answers::new("usr");

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/user");

/// What every handler of the service may reach.
pub(crate) struct UserState {
    pub(crate) database: Database,
    pub(crate) accounts: Accounts,
    pub(crate) issuer: Arc<TokenIssuer>,
    pub(crate) verifier: Arc<Verifier>,
    pub(crate) storage: StorageClient,
    pub(crate) timetable: Timetable,
    /// Absent where the installation has no way to send mail.
    pub(crate) mail_room: Option<Follower>,
    pub(crate) saga: Follower,
    /// Absent where callers are held to no rate.
    pub(crate) attempts: Option<AttemptLimits>,
}

/// What the service reads from the environment.
pub struct UserSettings {
    database: DatabaseSettings,
    broker: BrokerSettings,
    rate_limit: bool,
    mail: MailSettings,
}

impl UserState {
    /// Counts an attempt from the address of a request, at an account when one is named.
    ///
    /// # Errors
    /// 429 when there were too many.
    pub(crate) fn attempt(&self, request: &HttpRequest, account: Option<&str>) -> Result<(), ApiError> {
        let Some(attempts) = &self.attempts else { return Ok(()) };
        attempts.of_address(request::address(request)?)?;
        account.map_or(Ok(()), |name| attempts.of_account(name))
    }
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
            .configure(guests::configure)
            .configure(api_keys::configure)
            .configure(password_resets::configure)
            .configure(audit_log::configure)
            .configure(accounts::configure)
            .configure(consents::configure)
            .configure(privacy::configure)
            .configure(circle::configure)
            .configure(books::configure)
            .configure(entries::configure)
            .configure(jobs::configure)
            .configure(events::configure)
            .configure(event_log::configure)
            .configure(profiling::configure)
            .configure(reflections::configure)
            .configure(profiles::configure);
    }

    fn read_settings(env: &Environment) -> Result<UserSettings, SettingsError> {
        Ok(UserSettings {
            database: DatabaseSettings::from_env(env)?,
            broker: BrokerSettings::from_env(env)?,
            rate_limit: HttpSettings::from_env(env)?.rate_limit,
            mail: MailSettings::from_env(env)?,
        })
    }

    async fn build(settings: UserSettings, context: Context) -> Result<Mounted, StartError> {
        let database = Database::new(&settings.database)?;
        let storage = StorageClient::new(context.connection(Service::Storage)?);
        let broker = settings.broker.connect(&context.issuer, &context.verifier).await;
        let broker = broker.map_err(|error| StartError::Broker(Box::new(error)))?;
        let connect = |to| context.connection(to);
        let (relay, deliveries) = Relay::start(&database, OUTBOX, broker, connect, events::hear_all)?;
        let upkeep = Upkeep { database: database.clone(), storage: storage.clone() };
        let timetable = Timetable::start_with(database.clone(), upkeep, &jobs::JOBS)
            .await
            .map_err(|error| StartError::Timetable(Box::new(error)))?;
        let blacklist = Blacklist::follow(database.clone(), Arc::clone(&context.verifier));
        let mailer = Mailer::new(&settings.mail)?;
        let (mail_room, mails) = mailer.map(|mailer| password_resets::open(database.clone(), mailer)).unzip();
        let (saga, requests) = privacy::begin(database.clone(), gatherer(&database, &context)?);
        let followers: Vec<Follower> = mail_room.iter().chain([&saga]).cloned().collect();
        let state = web::Data::new(UserState {
            database: database.clone(),
            accounts: Accounts::new(database.clone()),
            issuer: context.issuer,
            verifier: context.verifier,
            storage,
            timetable: timetable.clone(),
            mail_room,
            saga,
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
                followers.iter().for_each(Follower::stop);
                tokio::join!(deliveries, requests, OptionFuture::from(mails));
                database.close();
            }
            .boxed(),
        })
    }
}

/// What exports are made of.
fn gatherer(database: &Database, context: &Context) -> Result<Gatherer, StartError> {
    let to_storage = Connection::new(context.urls.of(Service::Storage));
    Ok(Gatherer {
        database: database.clone(),
        issuer: Arc::clone(&context.issuer),
        music: MusicClient::new(context.connection(Service::Music)?),
        storage: StorageClient::new(context.connection(Service::Storage)?),
        to_storage: to_storage.map_err(|error| StartError::Client(Box::new(error)))?,
    })
}

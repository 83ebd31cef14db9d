//! The service as a whole: what it is made of, and its routes.

use std::sync::Arc;

use actix_web::web;
use audit::{Audited, Ledger};
use contracts::client::StorageClient;
use database::Database;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use futures_util::FutureExt;
use http_kit::Answers;
use http_kit::health::Check;
use identity::{Service, TokenIssuer};
use launch::{Context, Deployable, Mounted, Revocations, StartError};
use outbox::Relay;
use scheduler::Timetable;
use settings::{Environment, SettingsError};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::audio_jobs::Follower;
use crate::events::OUTBOX;
use crate::jobs::Upkeep;
use crate::plays::Recorder;
use crate::settings::MusicSettings;
use crate::{
    albums, analytics, audio_jobs, catalog, counters, event_log, events, explore, favorites, feedback,
    follows, jobs, keys, lyrics, metrics, people, playlists, plays, renditions, stats, streaming, tracks,
};

/// Answers to requests that may be sent again.
pub(crate) const ANSWERS: Answers = Answers::new("mus");

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/music");

/// What every handler of the service may reach.
pub(crate) struct MusicState {
    pub(crate) database: Database,
    pub(crate) recorder: Recorder,
    pub(crate) storage: StorageClient,
    pub(crate) follower: Follower,
    pub(crate) issuer: Arc<TokenIssuer>,
    pub(crate) timetable: Timetable,
}

/// music-service, to be started.
pub struct MusicService;

impl Deployable for MusicService {
    const SERVICE: Service = Service::Music;

    fn migrations() -> EmbeddedMigrations {
        MIGRATIONS
    }

    fn counters() -> Ledger {
        counters::LEDGER
    }

    fn routes(config: &mut ServiceConfig<'_>) {
        config
            .configure(plays::configure)
            .configure(streaming::configure)
            .configure(favorites::configure)
            .configure(playlists::configure)
            .configure(keys::configure)
            .configure(jobs::configure)
            .configure(events::configure)
            .configure(event_log::configure)
            .configure(albums::configure)
            .configure(tracks::configure)
            .configure(lyrics::configure)
            .configure(feedback::configure)
            .configure(explore::configure)
            .configure(metrics::configure)
            .configure(analytics::configure)
            .configure(catalog::configure)
            .configure(follows::configure)
            .configure(renditions::configure)
            .configure(audio_jobs::configure)
            .configure(people::configure)
            .configure(stats::configure);
    }

    type Settings = MusicSettings;

    fn read_settings(env: &Environment) -> Result<MusicSettings, SettingsError> {
        MusicSettings::from_env(env)
    }

    async fn build(settings: MusicSettings, context: Context) -> Result<Mounted, StartError> {
        let database = Database::new(&settings.database)?;
        let revocations = Revocations::follow(&context)?;
        let (recorder, writer) = Recorder::start(database.clone());
        let storage = StorageClient::new(context.connection(Service::Storage)?);
        let (follower, rounds) = Follower::start(database.clone(), storage.clone());
        let broker = settings.broker.connect(&context.issuer, &context.verifier).await;
        let broker = broker.map_err(|error| StartError::Broker(Box::new(error)))?;
        let connect = |to| context.connection(to);
        let (relay, deliveries) = Relay::start(&database, OUTBOX, broker, connect, events::hear_all)?;
        let upkeep = Upkeep {
            database: database.clone(),
            play_retention: settings.play_retention,
            storage: storage.clone(),
        };
        let timetable = Timetable::start_with(database.clone(), upkeep, &jobs::JOBS)
            .await
            .map_err(|error| StartError::Timetable(Box::new(error)))?;
        let state = web::Data::new(MusicState {
            timetable: timetable.clone(),
            database: database.clone(),
            recorder: recorder.clone(),
            storage,
            follower: follower.clone(),
            issuer: context.issuer,
        });
        Ok(Mounted {
            routes: Self::routes,
            data: Box::new(move |config| {
                config.app_data(state.clone());
            }),
            checks: vec![Check::database(Self::SERVICE.name(), database.clone(), Self::migrations)],
            audited: Audited { service: Self::SERVICE, database: database.clone() },
            stop: async move {
                drop(revocations);
                timetable.stop().await;
                follower.stop();
                rounds.await;
                relay.stop();
                deliveries.await;
                recorder.close();
                writer.await;
                database.close();
            }
            .boxed(),
        })
    }
}

//! Settings of the service.

use chrono::Months;
use database::DatabaseSettings;
use outbox::BrokerSettings;
use settings::{Environment, SettingsError};

/// What the service reads from the environment.
#[derive(Debug, Clone)]
pub struct MusicSettings {
    /// Its database.
    pub database: DatabaseSettings,
    /// The broker that events go through, if there is one.
    pub broker: BrokerSettings,
    /// How long plays are kept; `None` for ever.
    pub play_retention: Option<Months>,
}

impl MusicSettings {
    /// Reads `REFRAIN_PLAY_RETENTION_MONTHS` and the database's.
    ///
    /// # Errors
    /// When one of them is missing or cannot be read.
    pub fn from_env(env: &Environment) -> Result<Self, SettingsError> {
        let months: u32 = env.parse(
            "REFRAIN_PLAY_RETENTION_MONTHS",
            "24",
            "months for which single plays are kept; older ones leave the log and the counts, 0 keeps all",
        )?;
        Ok(Self {
            database: DatabaseSettings::from_env(env)?,
            broker: BrokerSettings::from_env(env)?,
            play_retention: (months > 0).then(|| Months::new(months)),
        })
    }
}

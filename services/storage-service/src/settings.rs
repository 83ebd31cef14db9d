//! Settings of the service.

use std::path::PathBuf;

use chrono::Months;
use database::DatabaseSettings;
use settings::{Environment, SettingsError};

use crate::jobs::WorkerSettings;

/// What the service reads from the environment.
#[derive(Debug, Clone)]
pub struct StorageSettings {
    /// Its database.
    pub database: DatabaseSettings,
    /// Folder of the blobs.
    pub blob_dir: PathBuf,
    /// Bytes of one file at most.
    pub upload_max_bytes: u64,
    /// Bytes that a person may have without a limit of their own; `None` where there is none.
    pub user_max_bytes: Option<i64>,
    /// How long single accesses are kept; `None` for ever.
    pub access_retention: Option<Months>,
    /// How its workers work.
    pub(crate) workers: WorkerSettings,
}

impl StorageSettings {
    /// Reads `REFRAIN_BLOB_DIR`, `REFRAIN_UPLOAD_MAX_BYTES`, `REFRAIN_USER_MAX_BYTES`,
    /// `REFRAIN_ACCESS_RETENTION_MONTHS`, the database's and the workers'.
    ///
    /// # Errors
    /// When one of them is missing or cannot be read.
    pub fn from_env(env: &Environment) -> Result<Self, SettingsError> {
        let user_max_bytes: u64 = env.parse(
            "REFRAIN_USER_MAX_BYTES",
            "0",
            "bytes that a person's files may hold unless an admin says otherwise; 0 is no limit",
        )?;
        let months: u32 = env.parse(
            "REFRAIN_ACCESS_RETENTION_MONTHS",
            "12",
            "months for which single accesses are kept; their days stay, 0 keeps all",
        )?;
        Ok(Self {
            access_retention: (months > 0).then(|| Months::new(months)),
            user_max_bytes: i64::try_from(user_max_bytes).ok().filter(|bytes| *bytes > 0),
            database: DatabaseSettings::from_env(env)?,
            blob_dir: env.required("REFRAIN_BLOB_DIR", "folder of the files' bytes")?,
            upload_max_bytes: env.parse(
                "REFRAIN_UPLOAD_MAX_BYTES",
                "4294967296",
                "bytes of one file at most",
            )?,
            workers: WorkerSettings::from_env(env)?,
        })
    }
}

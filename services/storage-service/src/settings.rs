//! Settings of the service.

use std::path::PathBuf;

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
    /// How its workers work.
    pub(crate) workers: WorkerSettings,
}

impl StorageSettings {
    /// Reads `REFRAIN_BLOB_DIR`, `REFRAIN_UPLOAD_MAX_BYTES`, the database's and the workers'.
    ///
    /// # Errors
    /// When one of them is missing or cannot be read.
    pub fn from_env(env: &Environment) -> Result<Self, SettingsError> {
        Ok(Self {
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

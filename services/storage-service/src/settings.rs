//! Settings of the service.

use std::path::PathBuf;
use std::time::Duration;

use chrono::Months;
use contracts::problem::ErrorCode;
use database::DatabaseSettings;
use http_kit::ApiError;
use outbox::BrokerSettings;
use settings::{Environment, SettingsError};

use crate::blob_store::S3Settings;
use crate::jobs::WorkerSettings;
use crate::uploads::FetchSettings;

/// What the service reads from the environment.
#[derive(Debug, Clone)]
pub struct StorageSettings {
    /// Its database.
    pub database: DatabaseSettings,
    /// The broker that events go through, if there is one.
    pub broker: BrokerSettings,
    /// Folder of the blobs.
    pub blob_dir: PathBuf,
    /// The bucket that new blobs go to, when it is not the folder.
    pub(crate) s3: Option<S3Settings>,
    /// What one upload may be.
    pub(crate) limits: Limits,
    /// Where files may be fetched from.
    pub(crate) fetch: FetchSettings,
    /// Bytes that a person may have without a limit of their own; `None` where there is none.
    pub user_max_bytes: Option<i64>,
    /// How long single accesses are kept; `None` for ever.
    pub access_retention: Option<Months>,
    /// How its workers work.
    pub(crate) workers: WorkerSettings,
}

/// What one upload may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Bytes of one file at most.
    pub(crate) max_bytes: u64,
    /// How long its body may be silent.
    pub(crate) patience: Duration,
}

impl Limits {
    /// # Errors
    /// 413 when a file has more bytes than it may have.
    pub(crate) fn require(self, length: u64) -> Result<(), ApiError> {
        if length <= self.max_bytes {
            return Ok(());
        }
        let detail = format!("A file may hold {} bytes; this one has more than that.", self.max_bytes);
        Err(ApiError::new(ErrorCode::TooLarge, detail))
    }
}

impl StorageSettings {
    /// Reads `REFRAIN_BLOB_DIR`, `REFRAIN_USER_MAX_BYTES`, `REFRAIN_ACCESS_RETENTION_MONTHS`, the limits of uploads, and
    /// those of the database, the bucket, the workers and of fetching.
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
            broker: BrokerSettings::from_env(env)?,
            blob_dir: env
                .required("REFRAIN_BLOB_DIR", "folder of the files' bytes, and of uploads under way")?,
            s3: S3Settings::from_env(env)?,
            limits: Limits {
                max_bytes: env.parse(
                    "REFRAIN_UPLOAD_MAX_BYTES",
                    "4294967296",
                    "bytes of one file at most",
                )?,
                patience: env.seconds(
                    "REFRAIN_UPLOAD_STALL_SECONDS",
                    "30",
                    "how long the body of an upload may be silent",
                )?,
            },
            fetch: FetchSettings::from_env(env)?,
            workers: WorkerSettings::from_env(env)?,
        })
    }
}

//! Bytes in an S3-compatible store, under the same names as on the disk.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::buffered::BufWriter;
use object_store::path::Path as Key;
use object_store::{ClientOptions, GetOptions, GetRange, ObjectStore, ObjectStoreExt};
use settings::{Environment, Secret, SettingsError};
use tokio::io::AsyncWriteExt;

use super::BlobKey;

/// Bytes of one part; what is smaller goes in one request.
const PART: usize = 8 * 1024 * 1024;
/// Parts under way at once: together with the one that is filled, what an upload holds in memory.
const PARTS: usize = 2;
/// Bytes of one read.
const PIECE: usize = 512 * 1024;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Between two pieces of an answer; a slow reader of ours does not count, a silent store does.
const READ_TIMEOUT: Duration = Duration::from_secs(60);

/// Where the store is.
#[derive(Debug, Clone)]
pub(crate) struct S3Settings {
    bucket: String,
    endpoint: Option<String>,
    region: String,
    access_key_id: String,
    secret_access_key: Secret,
}

impl S3Settings {
    /// Reads `REFRAIN_S3_BUCKET` and, when there is one, the rest.
    pub(crate) fn from_env(env: &Environment) -> Result<Option<Self>, SettingsError> {
        let bucket = env.optional(
            "REFRAIN_S3_BUCKET",
            "bucket of the files' bytes; without it they are in REFRAIN_BLOB_DIR",
        )?;
        let Some(bucket) = bucket else { return Ok(None) };
        Ok(Some(Self {
            bucket,
            endpoint: env.optional("REFRAIN_S3_ENDPOINT", "URL of the S3 server; Amazon's when absent")?,
            region: env.parse("REFRAIN_S3_REGION", "us-east-1", "region of the bucket")?,
            access_key_id: env.required("REFRAIN_S3_ACCESS_KEY_ID", "name of the key of the S3 server")?,
            secret_access_key: env.secret("REFRAIN_S3_SECRET_ACCESS_KEY", "key of the S3 server")?,
        }))
    }
}

/// A bucket. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct S3Blobs {
    store: Arc<AmazonS3>,
    pub(super) bucket: Arc<str>,
}

/// Bytes of an object, as they come.
pub(crate) type Pieces = BoxStream<'static, io::Result<Bytes>>;

impl S3Blobs {
    pub(super) fn open(settings: &S3Settings) -> io::Result<Self> {
        let client = ClientOptions::new()
            .with_connect_timeout(CONNECT_TIMEOUT)
            .with_read_timeout(READ_TIMEOUT)
            // A whole file takes as long as its reader does.
            .with_timeout_disabled();
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&settings.bucket)
            .with_region(&settings.region)
            .with_access_key_id(&settings.access_key_id)
            .with_secret_access_key(settings.secret_access_key.expose())
            .with_client_options(client);
        if let Some(endpoint) = &settings.endpoint {
            builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
        }
        let store = builder.build().map_err(io::Error::other)?;
        Ok(Self { store: Arc::new(store), bucket: settings.bucket.as_str().into() })
    }

    /// Sends a file, in parts when it is large, unless it is there: it appears as a whole.
    pub(super) async fn put(&self, from: &Path, key: &BlobKey) -> io::Result<()> {
        if self.exists(key).await? {
            return Ok(());
        }
        let store: Arc<dyn ObjectStore> = Arc::<AmazonS3>::clone(&self.store);
        let mut writer = BufWriter::with_capacity(store, name(key), PART).with_max_concurrency(PARTS);
        let mut file = tokio::io::BufReader::with_capacity(PIECE, tokio::fs::File::open(from).await?);
        let sent = match tokio::io::copy_buf(&mut file, &mut writer).await {
            Ok(_) => writer.shutdown().await,
            Err(error) => Err(error),
        };
        if sent.is_err() {
            // Parts that are never put together cost as much as others.
            let _ = writer.abort().await;
        }
        sent
    }

    pub(super) async fn exists(&self, key: &BlobKey) -> io::Result<bool> {
        match self.store.head(&name(key)).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(io::Error::other(error)),
        }
    }

    pub(super) async fn remove(&self, key: &BlobKey) -> io::Result<()> {
        match self.store.delete(&name(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(io::Error::other(error)),
        }
    }

    /// The blobs below a prefix.
    pub(super) async fn list(&self, prefix: &str) -> io::Result<Vec<BlobKey>> {
        let mut found = self.store.list(Some(&Key::from(prefix)));
        let mut keys = Vec::new();
        while let Some(object) = found.try_next().await.map_err(io::Error::from)? {
            let key = object.location.filename().and_then(BlobKey::parse);
            // What else lies in the bucket is not ours.
            keys.extend(key.filter(|key| name(key) == object.location));
        }
        Ok(keys)
    }

    /// Bytes from the first to before the end.
    pub(crate) async fn read(&self, key: &BlobKey, range: std::ops::Range<u64>) -> io::Result<Pieces> {
        let options = GetOptions { range: Some(GetRange::Bounded(range)), ..GetOptions::default() };
        let answer = self.store.get_opts(&name(key), options).await.map_err(io::Error::from)?;
        Ok(answer.into_stream().map_err(io::Error::other).boxed())
    }

    pub(super) async fn read_whole(&self, key: &BlobKey) -> io::Result<Pieces> {
        let answer = self.store.get(&name(key)).await.map_err(io::Error::from)?;
        Ok(answer.into_stream().map_err(io::Error::other).boxed())
    }

    /// Whether the bucket answers: with an object, or that there is none of that name.
    pub(super) async fn check(&self) -> io::Result<()> {
        match self.store.head(&Key::from("sha256/health")).await {
            Ok(_) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(io::Error::other(error)),
        }
    }
}

fn name(key: &BlobKey) -> Key {
    Key::from(key.storage_path())
}

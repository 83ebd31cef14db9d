//! A service, served as in production, on a port of its own and tables of its own.

use std::sync::Arc;
use std::time::Duration;

use contracts::Role;
use database::{Database, DatabaseSettings};
use diesel::QueryableByName;
use diesel::sql_types::{Json, Text};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use http_kit::HttpSettings;
use identity::Service;
use launch::{Context, Deployable, Running, ServiceUrls, listen, serve};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;
use settings::Environment;
use tempfile::TempDir;
use uuid::Uuid;

use crate::{Answer, Person, Schema, Tokens, bucket};

/// A running service and the means to look at what it did.
pub struct TestApp {
    /// `http://127.0.0.1:<port>`.
    pub url: String,
    /// Follows no redirect.
    pub http: Client,
    /// The service's own tables.
    pub database: Database,
    /// A folder of the test's own, named to the service as `REFRAIN_BLOB_DIR`; mails are in its `mail`.
    pub folder: Arc<TempDir>,
    /// The bucket that it keeps its blobs in, when it does.
    pub bucket: Option<String>,
    schema: Schema,
    settings: Vec<(String, String)>,
    running: Option<Running>,
}

impl TestApp {
    /// Starts a service with its defaults.
    pub async fn spawn<S: Deployable>() -> Self {
        Self::spawn_with::<S>(&[]).await
    }

    /// Starts a service with some settings of the test's own.
    pub async fn spawn_with<S: Deployable>(settings: &[(&str, &str)]) -> Self {
        let schema = Schema::migrated::<S>().await;
        let folder = Arc::new(TempDir::new().unwrap());
        let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let bucket = if S::SERVICE == Service::Storage { bucket::settings() } else { Vec::new() };
        Self::serve::<S>(schema, folder, settings.chain(bucket).collect()).await
    }

    /// Starts another replica of the service, on the same tables and the same folder, with the same settings.
    pub async fn spawn_replica<S: Deployable>(&self) -> Self {
        Self::serve::<S>(self.schema.clone(), Arc::clone(&self.folder), self.settings.clone()).await
    }

    /// Starts another replica with some settings of its own, which come before those of this one.
    pub async fn spawn_replica_with<S: Deployable>(&self, settings: &[(&str, &str)]) -> Self {
        let own = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let settings = self.settings.iter().cloned().chain(own).collect();
        Self::serve::<S>(self.schema.clone(), Arc::clone(&self.folder), settings).await
    }

    /// Names of the objects in the service's bucket.
    #[must_use]
    pub fn objects(&self) -> Vec<String> {
        self.bucket.as_deref().map(bucket::list).unwrap_or_default()
    }

    /// Writes bytes where the service keeps a blob, behind its back.
    pub fn write_blob(&self, storage_path: &str, bytes: &[u8]) {
        if let Some(bucket) = &self.bucket {
            return bucket::put(bucket, storage_path, bytes);
        }
        let path = self.folder.path().join(storage_path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    /// Takes a blob away from where the service keeps it, behind its back.
    pub fn remove_blob(&self, storage_path: &str) {
        match &self.bucket {
            Some(bucket) => bucket::delete(bucket, storage_path),
            None => std::fs::remove_file(self.folder.path().join(storage_path)).unwrap(),
        }
    }

    /// Where the service's bucket is, for a process of its own.
    pub fn bucket_settings(&self) -> impl Iterator<Item = (&str, &str)> {
        let settings = self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        settings.filter(|(name, _)| name.starts_with("REFRAIN_S3_"))
    }

    /// Where the service's tables are, for a process of its own.
    #[must_use]
    pub fn database_url(&self) -> &str {
        self.schema.url.expose()
    }

    async fn serve<S: Deployable>(
        schema: Schema,
        folder: Arc<TempDir>,
        settings: Vec<(String, String)>,
    ) -> Self {
        let env = environment(&schema, &folder);
        let env = settings.iter().fold(env, |env, (name, value)| env.with(name, value));
        let urls = ServiceUrls::from_env(&env).unwrap();
        let context = Context::new(Arc::new(Tokens::issuer(S::SERVICE)), Arc::new(Tokens::verifier()), urls);
        let mounted = S::build(S::read_settings(&env).unwrap(), context.clone()).await.unwrap();
        let http = HttpSettings::from_env(&env).unwrap();
        let listener = listen(&http).unwrap();
        let running = serve(S::SERVICE.name(), &http, listener, context.verifier, vec![mounted]).unwrap();
        // A connection that the server is about to close, after five idle seconds, is not used again.
        let client = Client::builder().pool_idle_timeout(Duration::from_secs(2));
        let client = client.redirect(reqwest::redirect::Policy::none());
        Self {
            url: format!("http://{}", running.address),
            http: client.build().unwrap(),
            database: Database::new(&DatabaseSettings { url: schema.url.clone(), pool_size: 4 }).unwrap(),
            folder,
            bucket: settings.iter().find(|(name, _)| name == "REFRAIN_S3_BUCKET").map(|(_, b)| b.clone()),
            schema,
            settings,
            running: Some(running),
        }
    }

    /// A new account.
    #[must_use]
    pub fn person(&self) -> Person {
        Tokens::person(Role::User)
    }

    /// A request to be completed by the test.
    pub fn request(&self, method: Method, path: &str, who: Option<&Person>) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        match who {
            Some(person) => request.bearer_auth(&person.token),
            None => request,
        }
    }

    /// GET.
    pub async fn get(&self, path: &str, who: Option<&Person>) -> Answer {
        Answer::read(self.request(Method::GET, path, who).send().await.unwrap()).await
    }

    /// POST of JSON.
    pub async fn post(&self, path: &str, who: Option<&Person>, body: &Value) -> Answer {
        Answer::read(self.request(Method::POST, path, who).json(body).send().await.unwrap()).await
    }

    /// PATCH of JSON.
    pub async fn patch(&self, path: &str, who: Option<&Person>, body: &Value) -> Answer {
        Answer::read(self.request(Method::PATCH, path, who).json(body).send().await.unwrap()).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str, who: Option<&Person>) -> Answer {
        Answer::read(self.request(Method::DELETE, path, who).send().await.unwrap()).await
    }

    /// Sends what [`TestApp::request`] began.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        Answer::read(request.send().await.unwrap()).await
    }

    /// The service's tables in which an id occurs anywhere.
    pub async fn mentions(&self, id: Uuid) -> Vec<String> {
        self.schema.mentions(&id.to_string()).await
    }

    /// The rows of a query, as JSON objects by column.
    pub async fn rows(&self, sql: &str) -> Vec<Value> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = Json)]
            rows: Value,
        }
        let mut connection = self.database.connection().await.unwrap();
        #[expect(clippy::disallowed_methods, reason = "asked once, by a test")]
        let query = diesel::sql_query(format!("SELECT coalesce(json_agg(t), '[]') AS rows FROM ({sql}) t"));
        let row: Row = query.get_result(&mut connection).await.unwrap();
        row.rows.as_array().cloned().unwrap()
    }

    /// The number of rows of a table.
    pub async fn count(&self, table: &str) -> i64 {
        self.rows(&format!("SELECT count(*) AS n FROM {table}")).await[0]["n"].as_i64().unwrap()
    }

    /// How PostgreSQL would run a query, as text.
    pub async fn plan(&self, sql: &str) -> String {
        #[derive(QueryableByName)]
        struct Line {
            #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
            text: String,
        }
        let mut connection = self.database.connection().await.unwrap();
        #[expect(clippy::disallowed_methods, reason = "asked once, by a test")]
        let query = diesel::sql_query(format!("EXPLAIN {sql}"));
        let lines: Vec<Line> = query.load(&mut connection).await.unwrap();
        lines.into_iter().map(|line| line.text + "\n").collect()
    }

    /// Runs statements that set a scene.
    pub async fn execute(&self, sql: &str) {
        self.database.connection().await.unwrap().batch_execute(sql).await.unwrap();
    }

    /// Stops the service in order, as SIGTERM does.
    pub async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await.unwrap();
        }
    }
}

fn environment(schema: &Schema, folder: &TempDir) -> Environment {
    // Nobody is there: a service that a test needs is named in the test's own settings.
    let nowhere = "http://127.0.0.1:9";
    Environment::from_pairs([])
        .with("REFRAIN_LISTEN", "127.0.0.1:0")
        .with("REFRAIN_RATE_LIMIT", "off")
        .with("REFRAIN_SHUTDOWN_SECONDS", "5")
        .with("REFRAIN_DATABASE_URL", schema.url.expose())
        .with("REFRAIN_MUSIC_URL", nowhere)
        .with("REFRAIN_USER_URL", nowhere)
        .with("REFRAIN_STORAGE_URL", nowhere)
        .with("REFRAIN_BLOB_DIR", folder.path().display().to_string())
        .with("REFRAIN_MAIL_DIR", folder.path().join("mail").display().to_string())
}

//! The three services as they are deployed: each with its own key and its own database, knowing of the others nothing but
//! their URLs.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;

use contracts::client::{Connection, MusicClient, StorageClient, UserClient};
use http_kit::HttpSettings;
use identity::{Service, SigningKey, TokenIssuer, Verifier};
use launch::{Context, Deployable, Running, ServiceUrls, listen, serve};
use music_service::MusicService;
use settings::Environment;
use storage_service::StorageService;
use tempfile::TempDir;
use test_utils::Schema;
use user_service::UserService;

/// Three running services.
pub struct Deployment {
    /// Where they are.
    pub urls: ServiceUrls,
    /// Their tables: of music-service, user-service, storage-service.
    schemas: Vec<Schema>,
    running: Vec<Running>,
    issuers: Vec<(Service, Arc<TokenIssuer>)>,
    files: TempDir,
}

impl Deployment {
    /// Starts the three on ports of their own.
    pub async fn start() -> Self {
        let http = HttpSettings::from_env(&environment()).unwrap();
        let listeners: Vec<TcpListener> = (0..3).map(|_| listen(&http).unwrap()).collect();
        let mut addresses =
            listeners.iter().map(|listener| format!("http://{}", listener.local_addr().unwrap()));
        let mut next = || addresses.next().unwrap();
        let urls = ServiceUrls { music: next(), user: next(), storage: next() };
        let files = TempDir::new().unwrap();
        let mut listeners = listeners.into_iter();
        let mut start =
            Start { urls: &urls, files: &files, http: &http, schemas: Vec::new(), issuers: Vec::new() };
        let running = vec![
            start.service::<MusicService>(listeners.next().unwrap()).await,
            start.service::<UserService>(listeners.next().unwrap()).await,
            start.service::<StorageService>(listeners.next().unwrap()).await,
        ];
        let (schemas, issuers) = (start.schemas, start.issuers);
        Self { urls, schemas, running, issuers, files }
    }

    /// The tables of the three databases, and the files of storage-service, in which an id occurs anywhere.
    pub async fn mentions(&self, id: &str) -> Vec<String> {
        let mut found = Vec::new();
        for schema in &self.schemas {
            found.extend(schema.mentions(id).await);
        }
        let mut folders = vec![self.files.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.to_string_lossy().contains(id) || holds(&path, id) {
                    found.push(path.display().to_string());
                }
            }
        }
        found
    }

    /// A token with which one of the services calls another.
    #[must_use]
    pub fn service_token(&self, from: Service, to: Service) -> String {
        let (_, issuer) = self.issuers.iter().find(|(service, _)| *service == from).unwrap();
        issuer.service_token(to, contracts::clock::now()).unwrap()
    }

    /// Stops the service at this URL in order.
    pub async fn stop(&mut self, url: &str) {
        let index = self.running.iter().position(|running| url.ends_with(&running.address.to_string()));
        self.running.remove(index.unwrap()).stop().await.unwrap();
    }

    /// Clients without credentials, or with an access token.
    #[must_use]
    pub fn clients(&self, token: Option<&str>) -> (UserClient, MusicClient, StorageClient) {
        let connection = |url: &str| {
            let connection = Connection::new(url).unwrap();
            match token {
                Some(token) => connection.with_token(token),
                None => connection,
            }
        };
        (
            UserClient::new(connection(&self.urls.user)),
            MusicClient::new(connection(&self.urls.music)),
            StorageClient::new(connection(&self.urls.storage)),
        )
    }
}

fn holds(path: &Path, id: &str) -> bool {
    let bytes = std::fs::read(path).unwrap();
    bytes.windows(id.len()).any(|window| window == id.as_bytes())
}

struct Start<'a> {
    urls: &'a ServiceUrls,
    files: &'a TempDir,
    http: &'a HttpSettings,
    schemas: Vec<Schema>,
    issuers: Vec<(Service, Arc<TokenIssuer>)>,
}

impl Start<'_> {
    async fn service<S: Deployable>(&mut self, listener: TcpListener) -> Running {
        let schema = Schema::migrated::<S>().await;
        let env = environment()
            .with("REFRAIN_DATABASE_URL", schema.url.expose())
            .with("REFRAIN_BLOB_DIR", self.files.path().display().to_string());
        self.schemas.push(schema);
        let context = self.context(S::SERVICE);
        let mounted = S::build(S::read_settings(&env).unwrap(), context.clone()).await.unwrap();
        serve(S::SERVICE.name(), self.http, listener, context.verifier, vec![mounted]).unwrap()
    }

    /// A key that nobody else has; the others' are asked for where they publish them.
    fn context(&mut self, service: Service) -> Context {
        let key = Arc::new(SigningKey::from_pem(&SigningKey::generate_pem().unwrap()).unwrap());
        let verifier = Verifier::new(self.urls.issuers()).unwrap().with_own_key(service, &key);
        let issuer = Arc::new(TokenIssuer::new(service, key));
        self.issuers.push((service, Arc::clone(&issuer)));
        Context::new(issuer, Arc::new(verifier), self.urls.clone())
    }
}

fn environment() -> Environment {
    Environment::from_pairs([])
        .with("REFRAIN_LISTEN", "127.0.0.1:0")
        .with("REFRAIN_RATE_LIMIT", "off")
        .with("REFRAIN_SHUTDOWN_SECONDS", "5")
}

//! Ways out of here. Each looks names up itself and connects to what it has judged, and to nothing else.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http_kit::{ApiError, Networks};
use ipnet::IpNet;
use reqwest::dns::{Name, Resolve, Resolving};
use reqwest::{Client, Response, Url, redirect};
use settings::{Environment, SettingsError};

use super::domain;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Where files may be fetched from, and for how long.
#[derive(Debug, Clone)]
pub(crate) struct FetchSettings {
    networks: Networks,
    time_limit: Duration,
}

impl FetchSettings {
    /// Reads `REFRAIN_FETCH_NETWORKS` and `REFRAIN_FETCH_SECONDS`.
    pub(crate) fn from_env(env: &Environment) -> Result<Self, SettingsError> {
        let networks = env.optional(
            "REFRAIN_FETCH_NETWORKS",
            "networks that files are fetched from though they are not public, also over http, by commas",
        )?;
        let time_limit =
            env.seconds("REFRAIN_FETCH_SECONDS", "300", "how long fetching a file may take as a whole")?;
        Ok(Self { networks: networks.unwrap_or_default(), time_limit })
    }
}

/// All ways out.
pub(crate) struct Doors {
    /// To everybody and to the operator's networks; for https.
    open: Door,
    /// To the operator's networks; for http, which anybody on the way can change.
    listed: Door,
    pub(super) time_limit: Duration,
}

struct Door {
    client: Client,
    guard: Guard,
}

/// Who knows which addresses may be connected to.
#[derive(Clone)]
struct Guard {
    networks: Arc<[IpNet]>,
    is_open: bool,
}

/// None of a host's addresses may be connected to.
#[derive(Debug, thiserror::Error)]
#[error("the address is not one that files are fetched from")]
struct Closed;

impl Doors {
    /// # Errors
    /// When the system's certificates cannot be read.
    pub(crate) fn new(settings: &FetchSettings, patience: Duration) -> reqwest::Result<Self> {
        let networks: Arc<[IpNet]> = settings.networks.0.as_slice().into();
        let guard = |is_open| Guard { networks: Arc::clone(&networks), is_open };
        Ok(Self {
            open: Door::new(guard(true), patience)?,
            listed: Door::new(guard(false), patience)?,
            time_limit: settings.time_limit,
        })
    }

    /// Asks for what a URL names, and follows nothing.
    ///
    /// # Errors
    /// 422 when that may not be asked for, or nobody answers.
    pub(super) async fn get(&self, url: &Url) -> Result<Response, ApiError> {
        domain::judge(url).map_err(refuse)?;
        let is_safe = url.scheme() == "https";
        let door = if is_safe { &self.open } else { &self.listed };
        if !is_safe && door.guard.networks.is_empty() {
            return Err(refuse("only https is fetched"));
        }
        // The client looks names up by its guard, but not what is an address already.
        if domain::named_address(url).is_some_and(|address| !door.guard.allows(address)) {
            return Err(refuse(Closed.to_string()));
        }
        door.client.get(url.clone()).send().await.map_err(|error| {
            tracing::info!(
                host = url.host_str(),
                cause = telemetry::error_chain(&error),
                "nothing was fetched"
            );
            if is_closed(&error) { refuse(Closed.to_string()) } else { refuse("its host does not answer") }
        })
    }
}

impl Door {
    fn new(guard: Guard, patience: Duration) -> reqwest::Result<Self> {
        let client = Client::builder()
            .dns_resolver(Arc::new(guard.clone()))
            // Each hop is judged, and a proxy would connect to what nobody judged.
            .redirect(redirect::Policy::none())
            .no_proxy()
            // A connection is for one request: the next one is judged anew.
            .pool_max_idle_per_host(0)
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(patience)
            .user_agent("refrain");
        Ok(Self { client: client.build()?, guard })
    }
}

impl Guard {
    fn allows(&self, address: IpAddr) -> bool {
        let is_listed = self.networks.iter().any(|network| network.contains(&address));
        is_listed || (self.is_open && domain::is_public(address))
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found.filter(|found| guard.allows(found.ip())).collect();
            if allowed.is_empty() {
                return Err(Closed.into());
            }
            Ok::<reqwest::dns::Addrs, _>(Box::new(allowed.into_iter()))
        })
    }
}

fn is_closed(error: &reqwest::Error) -> bool {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = next {
        if error.is::<Closed>() {
            return true;
        }
        next = error.source();
    }
    false
}

/// The one who named the URL may try another.
pub(super) fn refuse(reason: impl Into<String>) -> ApiError {
    ApiError::invalid("/url", reason)
}

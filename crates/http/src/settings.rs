//! Settings of the server.

use std::net::SocketAddr;
use std::str::FromStr;
use std::time::Duration;

use ipnet::IpNet;
use settings::{Environment, SettingsError};

/// Where a service listens and how it treats its callers.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// Address and port.
    pub listen: SocketAddr,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Networks,
    /// Whether callers are held to a rate.
    pub rate_limit: bool,
    /// How long a client may take nothing of what it is sent.
    pub send_patience: Duration,
    /// How long a stop waits for requests under way.
    pub shutdown: Duration,
}

impl HttpSettings {
    /// Reads `REFRAIN_LISTEN`, `REFRAIN_TRUSTED_PROXIES`, `REFRAIN_RATE_LIMIT`, `REFRAIN_SEND_STALL_SECONDS`,
    /// `REFRAIN_SHUTDOWN_SECONDS`.
    ///
    /// # Errors
    /// When one of them cannot be read.
    pub fn from_env(env: &Environment) -> Result<Self, SettingsError> {
        Ok(Self {
            listen: env.parse("REFRAIN_LISTEN", "127.0.0.1:8080", "address and port to listen on")?,
            trusted_proxies: env
                .optional("REFRAIN_TRUSTED_PROXIES", "networks whose X-Forwarded-For is believed, by commas")?
                .unwrap_or_default(),
            rate_limit: env.switch("REFRAIN_RATE_LIMIT", "on", "whether callers are held to a rate")?,
            send_patience: env.seconds(
                "REFRAIN_SEND_STALL_SECONDS",
                "120",
                "how long a client may take nothing of what it is sent",
            )?,
            shutdown: env.seconds("REFRAIN_SHUTDOWN_SECONDS", "25", "how long a stop waits for requests")?,
        })
    }
}

/// Networks, written with commas between them: `10.0.0.0/8,fd00::/8`.
#[derive(Debug, Clone, Default)]
pub struct Networks(pub Vec<IpNet>);

impl FromStr for Networks {
    type Err = ipnet::AddrParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.split(',').map(|network| network.trim().parse()).collect::<Result<_, _>>().map(Self)
    }
}

//! The variables that telemetry reads.

use std::str::FromStr;

use reqwest::Url;
use settings::{Environment, SettingsError};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;

/// How a process logs and where its telemetry goes.
#[derive(Debug, Clone)]
pub struct TelemetrySettings {
    /// Which events are logged (`REFRAIN_LOG`).
    pub log_filter: LogFilter,
    /// How a log line looks (`REFRAIN_LOG_FORMAT`).
    pub log_format: LogFormat,
    /// The collector, if there is one (`OTEL_EXPORTER_OTLP_ENDPOINT`).
    pub otlp_endpoint: Option<OtlpEndpoint>,
    /// A name that replaces the service's own (`OTEL_SERVICE_NAME`).
    pub service_name: Option<String>,
}

impl TelemetrySettings {
    /// Reads the settings of telemetry.
    ///
    /// # Errors
    /// [`SettingsError::Invalid`] for a filter, a format or an endpoint that cannot be understood.
    pub fn from_env(environment: &Environment) -> Result<Self, SettingsError> {
        Ok(Self {
            log_filter: environment.parse(
                "REFRAIN_LOG",
                "info",
                "which events are logged, by level and target",
            )?,
            log_format: environment.parse(
                "REFRAIN_LOG_FORMAT",
                "json",
                "how a log line looks: json or text",
            )?,
            otlp_endpoint: environment.optional(
                "OTEL_EXPORTER_OTLP_ENDPOINT",
                "base URL of the OTLP http/protobuf collector; unset turns export off",
            )?,
            service_name: environment.optional(
                "OTEL_SERVICE_NAME",
                "the service's name in traces and metrics, in place of its own",
            )?,
        })
    }
}

/// A filter in the syntax of [`EnvFilter`], known to be valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFilter(String);

impl LogFilter {
    /// Parsed anew for each layer, because a parsed filter cannot be cloned.
    pub(crate) fn to_env_filter(&self) -> Result<EnvFilter, ParseError> {
        EnvFilter::try_new(&self.0)
    }
}

impl FromStr for LogFilter {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        EnvFilter::try_new(text).map(|_| Self(text.to_owned()))
    }
}

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// One flat JSON object per line, for machines.
    Json,
    /// One line of text, for people.
    Text,
}

impl FromStr for LogFormat {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "json" => Ok(Self::Json),
            "text" => Ok(Self::Text),
            _ => Err("it is json or text"),
        }
    }
}

/// The base URL of an OTLP collector; the path of each signal is appended to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtlpEndpoint(Url);

impl OtlpEndpoint {
    /// The URL that takes one signal: `traces`, `metrics` or `logs`.
    pub(crate) fn signal(&self, signal: &str) -> String {
        format!("{}/v1/{signal}", self.0.as_str().trim_end_matches('/'))
    }
}

impl FromStr for OtlpEndpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        let url: Url = text.parse().map_err(|_| EndpointError)?;
        let is_http = matches!(url.scheme(), "http" | "https") && url.has_host();
        if is_http { Ok(Self(url)) } else { Err(EndpointError) }
    }
}

/// The text is not the URL of a collector.
#[derive(Debug, thiserror::Error)]
#[error("it is a URL such as http://127.0.0.1:4318")]
pub struct EndpointError;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<TelemetrySettings, SettingsError> {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        TelemetrySettings::from_env(&Environment::from_pairs(pairs))
    }

    fn refused(name: &str, value: &str) -> String {
        read(&[(name, value)]).expect_err("the value is bad").to_string()
    }

    #[test]
    fn without_variables_it_logs_json_at_info_and_exports_nothing() {
        let settings = read(&[]).expect("the defaults are valid");
        assert_eq!(settings.log_filter, LogFilter("info".to_owned()));
        assert_eq!(settings.log_format, LogFormat::Json);
        assert_eq!(settings.otlp_endpoint, None);
        assert_eq!(settings.service_name, None);
    }

    #[test]
    fn a_bad_value_names_its_variable() {
        assert!(refused("REFRAIN_LOG", "database=loud").contains("REFRAIN_LOG"));
        assert!(refused("REFRAIN_LOG_FORMAT", "xml").contains("REFRAIN_LOG_FORMAT"));
        assert!(
            refused("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318").contains("OTEL_EXPORTER_OTLP_ENDPOINT")
        );
    }

    #[test]
    fn the_path_of_a_signal_follows_the_path_of_the_endpoint() {
        for endpoint in ["http://127.0.0.1:4318/otel", "http://127.0.0.1:4318/otel/"] {
            let endpoint: OtlpEndpoint = endpoint.parse().expect("it is a URL");
            assert_eq!(endpoint.signal("traces"), "http://127.0.0.1:4318/otel/v1/traces");
        }
    }
}

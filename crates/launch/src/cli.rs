//! The command line of `music-service`, `user-service` and `storage-service`.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use http_kit::HttpSettings;
use settings::{Environment, Setting};
use telemetry::TelemetrySettings;

use crate::{Deployable, StartError, listen, openapi, own_identity, stop_signal};

#[derive(Parser)]
#[command(version, about = "A service of Refrain. Settings are environment variables; see `config`.")]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve until SIGTERM or Ctrl-C (the default)
    Serve,
    /// Bring the database to the level of this program, and end
    Migrate,
    /// Ask the service on this machine whether it is ready: exit code 0 or 1
    Health,
    /// Print the OpenAPI document
    Openapi,
    /// Print the settings in force, secrets hidden
    Config,
}

/// Runs a service's command line to its end. What failed is printed with its causes.
#[must_use]
pub fn run_program<S: Deployable>() -> ExitCode {
    let env = Environment::from_process();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|source| StartError::Io { doing: "the runtime did not start".to_owned(), source });
    let ended = runtime.and_then(|runtime| runtime.block_on(run::<S>(Arguments::parse(), &env)));
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Standard error may be closed; the exit code says it too.
            let _ = writeln!(std::io::stderr(), "{}: {}", S::SERVICE, telemetry::error_chain(&error));
            ExitCode::FAILURE
        }
    }
}

async fn run<S: Deployable>(arguments: Arguments, env: &Environment) -> Result<(), StartError> {
    match arguments.command.unwrap_or(Command::Serve) {
        Command::Serve => serve::<S>(env).await,
        Command::Migrate => migrate::<S>(env).await,
        Command::Health => health(env).await,
        Command::Openapi => print_line(&openapi_of::<S>()),
        Command::Config => config::<S>(env),
    }
}

async fn serve<S: Deployable>(env: &Environment) -> Result<(), StartError> {
    let name = S::SERVICE.name();
    let guard = telemetry::init(name, &TelemetrySettings::from_env(env)?)?;
    let http = HttpSettings::from_env(env)?;
    let context = own_identity(S::SERVICE, env)?;
    let mounted = S::build(S::read_settings(env)?, context.clone()).await?;
    let running = crate::serve(name, &http, listen(&http)?, context.verifier, vec![mounted])?;
    tracing::info!(address = %running.address, "serving");
    stop_signal().await?;
    tracing::info!("stopping");
    let stopped = running.stop().await;
    guard.shutdown();
    stopped
}

/// Reads all that a start reads.
fn config<S: Deployable>(env: &Environment) -> Result<(), StartError> {
    TelemetrySettings::from_env(env)?;
    HttpSettings::from_env(env)?;
    S::read_settings(env)?;
    own_identity(S::SERVICE, env)?;
    print_settings(&env.effective())
}

async fn migrate<S: Deployable>(env: &Environment) -> Result<(), StartError> {
    let settings = database::DatabaseSettings::from_env(env)?;
    let ran = database::migrate(&settings.url, S::migrations()).await?;
    print_line(&format!("{} migrations ran", ran.len()))
}

async fn health(env: &Environment) -> Result<(), StartError> {
    let mut address = HttpSettings::from_env(env)?.listen;
    if address.ip().is_unspecified() {
        address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    let client = reqwest::Client::builder().timeout(Duration::from_secs(3)).build()?;
    let response = client.get(format!("http://{address}/health/ready")).send().await?;
    if response.status().is_success() { Ok(()) } else { Err(StartError::NotReady(response.text().await?)) }
}

fn openapi_of<S: Deployable>() -> String {
    let document = openapi(S::SERVICE.name(), &[S::routes]);
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

/// Prints settings, one a line.
///
/// # Errors
/// When standard output is closed.
pub fn print_settings(settings: &BTreeMap<&'static str, Setting>) -> Result<(), StartError> {
    for (name, setting) in settings {
        let origin = if setting.is_default { " (default)" } else { "" };
        print_line(&format!("{name}={}{origin}  # {}", setting.value, setting.meaning))?;
    }
    Ok(())
}

fn print_line(text: &str) -> Result<(), StartError> {
    writeln!(std::io::stdout(), "{text}")
        .map_err(|source| StartError::Io { doing: "cannot print".to_owned(), source })
}

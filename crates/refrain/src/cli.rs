//! The command line.

use std::io::{IsTerminal, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{Parser, Subcommand};
use contracts::Role;
use settings::Environment;
use telemetry::TelemetrySettings;

use crate::all_in_one::{AllInOne, openapi};
use crate::audit::{self, Format};
use crate::data_dir::DataDir;
use crate::{backup, environment, import, reconcile, users};

/// The backend of a music app: `up` serves it, `import` fills it.
#[derive(Debug, Parser)]
#[command(version, about)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Folder of the database, the files and the keys
    #[arg(long, default_value = ".refrain", global = true)]
    data_dir: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start PostgreSQL and the three services, and serve until Ctrl-C
    Up {
        /// Address and port
        #[arg(long)]
        listen: Option<SocketAddr>,
    },
    /// Import a folder of music into the running server; safe to repeat
    Import {
        /// The folder
        folder: PathBuf,
        /// Whose library it goes into; the account is made where there is none
        #[arg(long)]
        email: String,
        /// Let everyone hear it (needs the role librarian)
        #[arg(long)]
        public: bool,
    },
    /// Manage accounts
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Say of every column what it means, who writes it, and whether anybody ever did: exit code 1 when a column of a table
    /// with rows was never used
    Audit {
        /// How to print it
        #[arg(long, default_value = "table")]
        format: Format,
    },
    /// Compare every counter with the rows that it counts: exit code 1 when one is wrong
    Reconcile {
        /// Set right what is wrong
        #[arg(long)]
        fix: bool,
    },
    /// Write the three databases at one moment, the files and the keys of the running server into one file
    Backup {
        /// The file; must not be there yet
        file: PathBuf,
    },
    /// Make a data dir of a backup, and verify every hash in it
    Restore {
        /// The backup
        file: PathBuf,
    },
    /// Bring the three databases to the level of this program, and end
    Migrate,
    /// Ask the running server whether it is ready: exit code 0 or 1
    Health,
    /// Print the settings in force, secrets hidden
    Config,
    /// Print the OpenAPI document of the three services
    Openapi,
}

/// What can be done with accounts.
#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Make an account; the password is read from the terminal, or from standard input
    Create {
        /// Its address
        email: String,
        /// The name that others see; what stands before the @ when absent
        #[arg(long)]
        name: Option<String>,
        /// user, librarian or admin
        #[arg(long, default_value = "user")]
        role: Role,
    },
    /// Change what an account may do
    Role {
        /// Its address
        email: String,
        /// user, librarian or admin
        role: Role,
    },
    /// Set a password and end the account's sessions
    Password {
        /// Its address
        email: String,
    },
}

/// Runs a command to its end.
///
/// # Errors
/// When it failed; the caller prints the causes.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Runtime::new().context("the runtime did not start")?;
    runtime.block_on(execute(arguments.command, &arguments.data_dir))
}

async fn execute(command: Command, data_dir: &Path) -> anyhow::Result<ExitCode> {
    let env = Environment::from_process();
    match command {
        Command::Up { listen } => up(&environment::of_server(env, listen), data_dir).await?,
        Command::Import { folder, email, public } => {
            let data_dir = DataDir::existing(data_dir)?;
            return import::run(&data_dir, &folder, &email, public).await;
        }
        Command::User { command } => users::run(data_dir, command).await?,
        Command::Audit { format } => return audit::run(&DataDir::existing(data_dir)?, format).await,
        Command::Reconcile { fix } => return reconcile::run(&DataDir::existing(data_dir)?, fix).await,
        Command::Backup { file } => backup::run(&DataDir::existing(data_dir)?, &file).await?,
        Command::Restore { file } => backup::restore(data_dir, &file).await?,
        Command::Migrate => {
            let ran = crate::all_in_one::migrate(data_dir).await?;
            print_line(&format!("{ran} migrations ran"))?;
        }
        Command::Health => return health(data_dir).await,
        Command::Config => environment::print(env, data_dir)?,
        Command::Openapi => print_line(&serde_json::to_string_pretty(&openapi())?)?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn up(env: &Environment, data_dir: &Path) -> anyhow::Result<()> {
    let guard = telemetry::init("refrain", &TelemetrySettings::from_env(env)?)?;
    let mut server = AllInOne::start(env, data_dir).await?;
    print_line(&format!("ready {}", server.url()))?;
    let ended = tokio::select! {
        signal = launch::stop_signal() => signal.context("cannot wait for a signal"),
        failure = server.database_ended() => Err(failure),
    };
    tracing::info!("stopping");
    let stopped = server.stop().await;
    guard.shutdown();
    ended.and(stopped)
}

async fn health(data_dir: &Path) -> anyhow::Result<ExitCode> {
    let url = DataDir::existing(data_dir)?.running_server()?;
    let response = reqwest::get(format!("{url}/health/ready")).await.context("the server does not answer")?;
    let is_ready = response.status().is_success();
    print_line(&response.text().await?)?;
    Ok(if is_ready { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A password, without showing it where a person types it.
pub(crate) fn read_password() -> anyhow::Result<String> {
    if std::io::stdin().is_terminal() {
        return dialoguer::Password::new()
            .with_prompt("Password")
            .interact()
            .context("cannot read the password");
    }
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).context("cannot read the password")?;
    let password = line.trim_end_matches(['\r', '\n']).to_owned();
    if password.is_empty() {
        bail!("the password is expected on standard input");
    }
    Ok(password)
}

pub(crate) fn print_line(text: &str) -> anyhow::Result<()> {
    writeln!(std::io::stdout(), "{text}").context("cannot print")
}

//! Starts the server and waits until it accepts connections.

use std::ffi::OsString;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval};

use super::{ClusterOptions, Durability, Endpoint};
use crate::error::{At, Error};
use crate::guard::{Guard, Surroundings};
use crate::home::Home;
use crate::installation::Installation;
use crate::log::Log;
use crate::pid_file::PidFile;

/// `pg_ctl` polls ten times a second; a test suite starts often enough to want more.
const POLL: Duration = Duration::from_millis(10);
/// Recovery after a crash replays up to `max_wal_size` of log, which is minutes on a slow disk.
const START_LIMIT: Duration = Duration::from_secs(300);
const PORT_TRIES: u32 = 5;

/// Runs the server on a free port. Between our choice and the server's bind another program may take
/// the port, so another one is tried then.
pub(super) async fn launch(
    home: &Home,
    installation: &Installation,
    log: &Log,
    options: &ClusterOptions,
) -> Result<(Guard, Endpoint), Error> {
    for _ in 0..PORT_TRIES {
        let endpoint = Endpoint::new(&home.folder, free_port(&home.folder)?)?;
        let before = PidFile::read(&home.data());
        let position = log.position();
        let mut guard = spawn(home, installation, log, &arguments(home, options, endpoint.port()))?;
        match wait_until_ready(&mut guard, home, log, before.as_ref()).await {
            Ok(()) => return Ok((guard, endpoint)),
            Err(Outcome::TimedOut) => {
                let (seconds, log) = (START_LIMIT.as_secs(), log.tail(position));
                return Err(Error::StartTimeout { seconds, log });
            }
            Err(Outcome::Ended) => match log.diagnose(position, |log| Error::ServerFailed { log }) {
                Error::PortTaken => tracing::info!(port = endpoint.port(), "port taken meanwhile"),
                error => return Err(error),
            },
        }
    }
    Err(Error::PortTaken)
}

enum Outcome {
    Ended,
    TimedOut,
}

fn free_port(folder: &Path) -> Result<u16, Error> {
    let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    Ok(address.at("find a port for", folder)?.port())
}

fn spawn(home: &Home, installation: &Installation, log: &Log, args: &[OsString]) -> Result<Guard, Error> {
    let is_throwaway = home.throwaway_mark().exists();
    if is_throwaway {
        // So that the guard, which runs as the account, can empty it.
        home.give(&home.folder)?;
    }
    let surroundings = Surroundings {
        account: home.account.as_ref(),
        lock: &home.guard_lock,
        log: &log.file,
        throwaway: is_throwaway.then_some(&home.folder),
    };
    Guard::spawn(&surroundings, &installation.program("postgres"), args)
}

fn arguments(home: &Home, options: &ClusterOptions, port: u16) -> Vec<OsString> {
    let mut settings = vec![
        format!("port={port}"),
        format!("max_connections={}", options.max_connections),
        "listen_addresses=127.0.0.1".into(),
        "unix_socket_directories=".into(),
        "logging_collector=off".into(),
        "log_destination=stderr".into(),
        // Errors are recognised by their English text.
        "lc_messages=C".into(),
        "timezone=UTC".into(),
        "log_timezone=UTC".into(),
    ];
    if options.durability == Durability::Throwaway {
        settings.extend(["fsync=off", "synchronous_commit=off", "full_page_writes=off"].map(String::from));
    }
    let mut args = vec!["-D".into(), home.data().into_os_string()];
    args.extend(settings.into_iter().flat_map(|setting| ["-c".into(), OsString::from(setting)]));
    args
}

/// `before` is what a crashed server left in the pid file: it says `ready` too.
async fn wait_until_ready(
    guard: &mut Guard,
    home: &Home,
    log: &Log,
    before: Option<&PidFile>,
) -> Result<(), Outcome> {
    let deadline = Instant::now() + START_LIMIT;
    let data = home.data();
    let mut ticks = interval(POLL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while Instant::now() < deadline {
        tokio::select! {
            ended = guard.wait() => {
                tracing::debug!(?ended, log = log.tail(0), "PostgreSQL ended while starting");
                return Err(Outcome::Ended);
            }
            _ = ticks.tick() => {}
        }
        let of_this_run = PidFile::read(&data).filter(|now| !before.is_some_and(|old| old.is_same_run(now)));
        if of_this_run.is_some_and(|file| file.is_ready()) {
            return Ok(());
        }
    }
    Err(Outcome::TimedOut)
}

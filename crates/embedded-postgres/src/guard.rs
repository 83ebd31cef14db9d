//! Keeps a program from outliving this process, even a process that is killed with -9.
//!
//! The program runs under a small shell script that reads a pipe of which only this process holds the
//! writing end. The kernel closes it when the process ends, however it ends; the script then shuts the
//! program down. `PR_SET_PDEATHSIG` would need unsafe code and exists on Linux only.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, PipeWriter};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::Child;

use crate::account::Account;
use crate::error::{At, Error};

const SCRIPT: &str = include_str!("guard.sh");

/// What the guarded program gets from its owner.
pub(crate) struct Surroundings<'a> {
    /// Who runs it; `None`: the user of this process.
    pub(crate) account: Option<&'a Account>,
    /// A locked file, which stays locked for as long as the guard lives.
    pub(crate) lock: &'a File,
    /// Where the program's output goes.
    pub(crate) log: &'a File,
    /// Removed by the guard when the owner has gone.
    pub(crate) throwaway: Option<&'a Path>,
}

/// A running program and its guard. Dropping it asks the program to shut down.
#[derive(Debug)]
pub(crate) struct Guard {
    child: Child,
    pipe: Option<PipeWriter>,
}

impl Guard {
    /// Starts `program` in a process group of its own, so that a terminal's Ctrl-C does not reach it.
    pub(crate) fn spawn(with: &Surroundings<'_>, program: &Path, args: &[OsString]) -> Result<Self, Error> {
        let (reader, writer) = io::pipe().at("open a pipe to", program)?;
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT, "refrain-postgres-guard"]);
        command.arg(with.throwaway.unwrap_or(Path::new(""))).arg(program).args(args);
        command.stdin(reader);
        command.stdout(with.lock.try_clone().at("hand over the lock of", program)?);
        command.stderr(Stdio::from(with.log.try_clone().at("hand over the log of", program)?));
        // The account may be barred from the current folder, and PostgreSQL insists on knowing its own.
        command.current_dir("/").process_group(0).env("LC_ALL", "C");
        // The person's own PGDATA, PGOPTIONS or PGTZ are not meant for this server.
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"PG")) {
            command.env_remove(name);
        }
        if let Some(account) = with.account {
            account.apply(&mut command);
        }
        let child = tokio::process::Command::from(command).spawn().at("run", program)?;
        Ok(Self { child, pipe: Some(writer) })
    }

    /// Asks for a fast shutdown (SIGINT); the guard makes it an immediate one after 30 s.
    pub(crate) fn close(&mut self) {
        self.pipe = None;
    }

    /// Waits for the program's end, whatever its cause.
    pub(crate) async fn wait(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Whether the program has ended, without waiting.
    pub(crate) fn has_ended(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(Some(_)))
    }

    /// The last resort: SIGKILL to the guard and the program.
    pub(crate) fn kill(&self) {
        let group = self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if let Some(group) = group
            && let Err(error) = kill_process_group(group, Signal::KILL)
        {
            tracing::warn!(%error, "could not kill PostgreSQL");
        }
    }
}

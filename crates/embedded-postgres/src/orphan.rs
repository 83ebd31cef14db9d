//! A server of ours that lost both its owner and its guard, found on the same data at the next start.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::time::{sleep, timeout};

use crate::error::{At, Error};
use crate::pid_file::PidFile;

const POLL: Duration = Duration::from_millis(10);
const FAST_LIMIT: Duration = Duration::from_secs(30);
const IMMEDIATE_LIMIT: Duration = Duration::from_secs(10);

/// Who has the pid that `postmaster.pid` names.
#[derive(Debug, PartialEq, Eq)]
enum Holder {
    /// The server of this very data folder.
    OurServer,
    /// A server started by hand, by another name of the folder, or on another folder.
    OtherServer,
    /// Nobody, a zombie, or a program to which the system has given the same pid since.
    Nobody,
}

/// Stops the orphan, if there is one. The caller holds the cluster's locks.
pub(crate) async fn stop(data: &Path) -> Result<(), Error> {
    let Some(file) = PidFile::read(data) else {
        return Ok(());
    };
    match holder_of(file.pid, data) {
        Holder::OurServer => shut_down(file.pid, data).await,
        // PostgreSQL itself judges whether that one stands in the way.
        Holder::OtherServer => Ok(()),
        Holder::Nobody => forget_reused_pid(file.pid, data),
    }
}

async fn shut_down(pid: Pid, data: &Path) -> Result<(), Error> {
    tracing::warn!(pid = pid.as_raw_nonzero(), "stopping a PostgreSQL that a crash left running");
    for (signal, limit) in [(Signal::INT, FAST_LIMIT), (Signal::QUIT, IMMEDIATE_LIMIT)] {
        // A failure means that it ended meanwhile, which the wait will see.
        let _ended_meanwhile = kill_process(pid, signal);
        if timeout(limit, ended(pid, data)).await.is_ok() {
            return Ok(());
        }
    }
    let _ended_meanwhile = kill_process(pid, Signal::KILL);
    ended(pid, data).await;
    Ok(())
}

async fn ended(pid: Pid, data: &Path) {
    while holder_of(pid, data) == Holder::OurServer {
        sleep(POLL).await;
    }
}

/// PostgreSQL would take any living process with that pid for a server and refuse to start: common in
/// containers, where pids are few. A file whose pid is dead is left alone: from it PostgreSQL learns
/// which shared memory to look at for survivors.
fn forget_reused_pid(pid: Pid, data: &Path) -> Result<(), Error> {
    if rustix::process::test_kill_process(pid).is_err() {
        return Ok(());
    }
    let path = PidFile::path(data);
    std::fs::remove_file(&path).at("remove", &path)
}

fn holder_of(pid: Pid, data: &Path) -> Holder {
    let Some(command) = command_line(pid) else {
        return Holder::Nobody;
    };
    let program = command.split([' ', '\0']).next().unwrap_or_default();
    if !matches!(program.rsplit('/').next(), Some("postgres" | "postmaster")) {
        return Holder::Nobody;
    }
    if command.contains(&*data.to_string_lossy()) { Holder::OurServer } else { Holder::OtherServer }
}

/// From `/proc` where there is one, for slim images have no `ps`; from `ps` elsewhere.
fn command_line(pid: Pid) -> Option<String> {
    let pid = pid.as_raw_nonzero();
    if Path::new("/proc/self/cmdline").exists() {
        let bytes = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        return Some(String::from_utf8_lossy(&bytes).into_owned());
    }
    let output = Command::new("ps").args(["-o", "command=", "-p"]).arg(pid.to_string()).output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pid_reused_by_another_program_is_nobodys() {
        assert_eq!(holder_of(rustix::process::getpid(), Path::new("/x/data")), Holder::Nobody);
    }

    #[tokio::test]
    async fn a_reused_pid_in_the_file_is_forgotten() {
        let data = tempfile::tempdir().unwrap();
        let path = PidFile::path(data.path());
        std::fs::write(
            &path,
            format!("{}\n/x\n1700000000\n5432\n\n127.0.0.1\n1 2\nready\n", std::process::id()),
        )
        .unwrap();
        stop(data.path()).await.unwrap();
        assert!(!path.exists());
    }
}

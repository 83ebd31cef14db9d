//! `postmaster.pid`: what a running server writes about itself. Its lines are documented in
//! PostgreSQL's `src/include/utils/pidfile.h`; `pg_ctl` reads the same ones.

use std::path::{Path, PathBuf};

use rustix::process::Pid;

/// The parsed file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PidFile {
    pub(crate) pid: Pid,
    started: String,
    pub(crate) port: Option<u16>,
    status: String,
}

impl PidFile {
    pub(crate) fn path(data: &Path) -> PathBuf {
        data.join("postmaster.pid")
    }

    /// `None` where there is none, or where the server is still writing its first lines.
    pub(crate) fn read(data: &Path) -> Option<Self> {
        Self::parse(&std::fs::read_to_string(Self::path(data)).ok()?)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        // A server in single-user mode, as initdb runs it, writes its pid negative.
        let pid = Pid::from_raw(lines.next()?.trim().parse::<i32>().ok()?.checked_abs()?)?;
        let started = lines.nth(1)?.to_owned();
        let port = lines.next().and_then(|line| line.trim().parse().ok());
        let status = lines.nth(3).unwrap_or_default().trim().to_owned();
        Some(Self { pid, started, port, status })
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.status == "ready"
    }

    /// Whether both were written by one and the same run of a server.
    pub(crate) fn is_same_run(&self, other: &Self) -> bool {
        self.pid == other.pid && self.started == other.started
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const READY: &str = "4711\n/x/data\n1700000000\n54321\n\n127.0.0.1\n 1234 5\nready   \n";

    #[test]
    fn a_ready_server_says_so_in_line_eight() {
        let file = PidFile::parse(READY).unwrap();
        assert_eq!((file.pid.as_raw_nonzero().get(), file.port, file.is_ready()), (4711, Some(54321), true));
    }

    #[test]
    fn a_half_written_file_is_not_ready() {
        assert_eq!(PidFile::parse("4711\n/x"), None);
        assert!(!PidFile::parse("4711\n/x/data\n1700000000\n54321\n\n").unwrap().is_ready());
    }

    #[test]
    fn a_reused_pid_is_another_run() {
        let before = PidFile::parse(READY).unwrap();
        let after = PidFile::parse(&READY.replace("1700000000", "1700000009")).unwrap();
        assert!(!before.is_same_run(&after));
    }
}

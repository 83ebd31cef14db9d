//! A virus scanner of the installation's choice: a program that gets a path and says by its status what it thinks.

use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

use super::{Control, Fault};

/// Where the scanner is, if there is one.
#[derive(Debug, Clone)]
pub(crate) struct Scanner(Option<String>);

impl Scanner {
    pub(crate) fn new(program: Option<String>) -> Self {
        Self(program)
    }

    /// Whether a file is clean: status 0. Status 1 says that it is not, as `clamscan` and `clamdscan` do; any other that
    /// the scanner failed.
    pub(crate) async fn is_clean(&self, path: &Path, control: &Control) -> Result<bool, Fault> {
        let program = self.0.as_ref().ok_or_else(|| Fault::unsupported("no scanner is set up here"))?;
        let mut scanner = Command::new(program)
            .env_clear()
            .env("PATH", super::SEARCH_PATH)
            .arg(path)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let status = tokio::select! {
            () = control.stopped() => return Err(Fault::Stopped),
            status = scanner.wait() => status?,
        };
        match status.code() {
            Some(0) => Ok(true),
            Some(1) => Ok(false),
            _ => Err(Fault::Machine(std::io::Error::other(format!("the scanner ended with {status}")))),
        }
    }
}

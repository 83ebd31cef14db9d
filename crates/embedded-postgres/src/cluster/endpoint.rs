//! How to reach a running server.

use std::fmt;
use std::path::Path;

use super::SUPERUSER;
use crate::error::{At, Error};
use crate::home::password_path;
use crate::pid_file::PidFile;

/// Address and password of a running server.
#[derive(Clone)]
pub struct Endpoint {
    port: u16,
    password: String,
}

impl Endpoint {
    /// The server that another process runs in `data_dir`, if one is ready. What it finds may be gone a
    /// moment later; a connection tells.
    ///
    /// # Errors
    /// When a server runs and its password cannot be read.
    pub fn of_running(data_dir: &Path) -> Result<Option<Self>, Error> {
        match PidFile::read(&data_dir.join("data")) {
            Some(file) if file.is_ready() => file.port.map(|port| Self::new(data_dir, port)).transpose(),
            _ => Ok(None),
        }
    }

    pub(super) fn new(folder: &Path, port: u16) -> Result<Self, Error> {
        let path = password_path(folder);
        let text = match std::fs::read_to_string(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            read => read.at("read", &path)?,
        };
        let password = text.trim().to_owned();
        if password.is_empty() {
            return Err(Error::PasswordLost { path });
        }
        Ok(Self { port, password })
    }

    /// The TCP port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `postgresql://user:password@host:port/database`. `database` is put in as it is: ours are plain words.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgresql://{SUPERUSER}:{}@127.0.0.1:{}/{database}", self.password, self.port)
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("port", &self.port).finish_non_exhaustive()
    }
}

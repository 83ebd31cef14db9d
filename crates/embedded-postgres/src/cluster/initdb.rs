//! Makes a cluster: whole, or not at all.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use super::{Durability, SUPERUSER};
use crate::error::{At, Error};
use crate::guard::{Guard, Surroundings};
use crate::home::{Home, remove_tree};
use crate::installation::Installation;
use crate::log::Log;

/// The first is in every glibc since 2.35, Debian's before, and macOS 15; the second is everywhere.
const LOCALES: [&str; 2] = ["C.UTF-8", "C"];

/// Runs initdb in a folder beside the final one and renames it there when it is complete.
pub(super) async fn create(
    home: &Home,
    installation: &Installation,
    log: &Log,
    durability: Durability,
) -> Result<(), Error> {
    if durability == Durability::Throwaway {
        File::create(home.throwaway_mark()).at("create", &home.throwaway_mark())?;
    }
    write_password(home)?;
    for locale in LOCALES {
        let position = log.position();
        if run(home, installation, log, arguments(home, locale, durability)).await? {
            return publish(home);
        }
        if !log.tail(position).contains("invalid locale") {
            return Err(fail(home, log, position));
        }
    }
    Err(fail(home, log, 0))
}

fn arguments(home: &Home, locale: &str, durability: Durability) -> Vec<OsString> {
    let mut args: Vec<OsString> =
        ["--username", SUPERUSER, "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", locale]
            .map(OsString::from)
            .to_vec();
    args.extend(["--pwfile".into(), home.password().into(), "--pgdata".into(), home.new_data().into()]);
    if durability == Durability::Throwaway {
        args.push("--no-sync".into());
    }
    args
}

/// Whether initdb succeeded. It runs under a guard as the server does, for the same reasons.
async fn run(home: &Home, with: &Installation, log: &Log, args: Vec<OsString>) -> Result<bool, Error> {
    let target = home.new_data();
    remove_tree(&target)?;
    DirBuilder::new().mode(0o700).create(&target).at("create", &target)?;
    home.give(&target)?;
    let program = with.program("initdb");
    let surroundings = Surroundings {
        account: home.account.as_ref(),
        lock: &home.guard_lock,
        log: &log.file,
        throwaway: None,
    };
    let mut guard = Guard::spawn(&surroundings, &program, &args)?;
    Ok(guard.wait().await.at("wait for", &program)?.success())
}

/// The rename is what makes the cluster exist, so it must be on disk before anybody relies on it.
fn publish(home: &Home) -> Result<(), Error> {
    fs::rename(home.new_data(), home.data()).at("create", &home.data())?;
    File::open(&home.folder).and_then(|folder| folder.sync_all()).at("sync", &home.folder)
}

fn fail(home: &Home, log: &Log, position: u64) -> Error {
    if let Err(error) = remove_tree(&home.new_data()) {
        tracing::warn!(%error, "could not clean up after initdb");
    }
    log.diagnose(position, |log| Error::Initdb { log })
}

/// A new random password. One that is there already belongs to an initdb that was cut off.
fn write_password(home: &Home) -> Result<(), Error> {
    let path = home.password();
    match fs::remove_file(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        removed => removed.at("replace", &path)?,
    }
    store(&path, &random_password(&path)?).at("write", &path)?;
    home.give(&path)
}

fn store(path: &Path, password: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    writeln!(file, "{password}")?;
    file.sync_all()
}

/// Hexadecimal, so that it stands in a URL as it is.
fn random_password(path: &Path) -> Result<String, Error> {
    let mut bytes = [0; 24];
    aws_lc_rs::rand::fill(&mut bytes).map_err(io::Error::other).at("make a password for", path)?;
    Ok(hex::encode(bytes))
}

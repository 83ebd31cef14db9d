//! What the tests share: scratch folders, psql, and a process that owns a cluster and can be killed.

use std::fs::{File, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use embedded_postgres::{Cluster, ClusterOptions, Durability, Installation};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

const OWNED_FOLDER: &str = "EMBEDDED_POSTGRES_TEST_FOLDER";
const OWNED_DURABLE: &str = "EMBEDDED_POSTGRES_TEST_DURABLE";

pub(crate) fn installation() -> Installation {
    Installation::find().unwrap()
}

/// A folder that every account may enter, so that tests run as root need no redirection.
pub(crate) fn scratch() -> TempDir {
    tempfile::Builder::new().permissions(Permissions::from_mode(0o755)).tempdir().unwrap()
}

pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The answer of `psql`, which must succeed.
pub(crate) fn psql(cluster: &Cluster, sql: &str) -> String {
    psql_at(&cluster.url("postgres"), sql)
}

pub(crate) fn psql_at(url: &str, sql: &str) -> String {
    let output = Command::new(installation().program("psql")).args([url, "-XAtqc", sql]).output().unwrap();
    assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

pub(crate) fn server_pid(folder: &Path) -> Pid {
    let text = std::fs::read_to_string(folder.join("data/postmaster.pid")).unwrap();
    Pid::from_raw(text.lines().next().unwrap().parse().unwrap()).unwrap()
}

pub(crate) fn kill_9(pid: Pid) {
    kill_process(pid, Signal::KILL).unwrap();
}

/// Returns when the guard of the cluster has ended: it holds this lock as long as it lives.
pub(crate) fn wait_for_guard(lock: &File) {
    lock.lock().unwrap();
}

/// Another process that owns a cluster: this test binary once more, running only [`owner_process`].
pub(crate) struct Owner {
    process: Child,
    pub(crate) url: String,
}

impl Owner {
    pub(crate) fn start(folder: &Path, durability: Durability) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "helpers::owner_process", "--nocapture", "--test-threads=1"]);
        command.env(OWNED_FOLDER, folder).stdout(Stdio::piped());
        if durability == Durability::Durable {
            command.env(OWNED_DURABLE, "1");
        }
        let mut process = command.spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
        let url = lines.filter_map(|line| line.split_once("url=").map(|(_, url)| url.to_owned())).next();
        Self { process, url: url.unwrap() }
    }

    pub(crate) fn kill_9(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// No test of its own: the body of [`Owner`]. It runs until it is killed.
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "speaks with the process that started it")]
async fn owner_process() {
    let Some(folder) = std::env::var_os(OWNED_FOLDER) else {
        return;
    };
    let options = match std::env::var_os(OWNED_DURABLE) {
        Some(_) => ClusterOptions::durable(folder),
        None => ClusterOptions::throwaway(folder),
    };
    let mut cluster = Cluster::start(&installation(), options).await.unwrap();
    println!("\nurl={}", cluster.url("postgres"));
    cluster.wait_exit().await.unwrap();
}

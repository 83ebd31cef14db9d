//! A `refrain up` of its own for each test.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

/// The program with a data dir, free of what the test's own environment says.
pub(crate) fn refrain(data_dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_refrain"));
    command.args(arguments).arg("--data-dir").arg(data_dir);
    command.env("REFRAIN_SHUTDOWN_SECONDS", "5").stdin(Stdio::null());
    command
}

/// What a command printed and how it ended.
pub(crate) fn run(data_dir: &Path, arguments: &[&str]) -> Output {
    refrain(data_dir, arguments).output().unwrap()
}

/// What a command printed that is given a line on standard input.
pub(crate) fn run_with_input(data_dir: &Path, arguments: &[&str], input: &str) -> Output {
    let mut command = refrain(data_dir, arguments);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// Standard output of a command that must succeed.
pub(crate) fn said(output: Output) -> String {
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{error}");
    String::from_utf8(output.stdout).unwrap()
}

/// Standard error of a command that must fail, which is with exit code 1.
pub(crate) fn refused(output: Output) -> String {
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8(output.stderr).unwrap()
}

/// A running server.
pub(crate) struct Server {
    process: Child,
    pub(crate) url: String,
    pub(crate) http: Client,
}

impl Server {
    /// Starts a server and waits for its one line.
    pub(crate) fn up(data_dir: &Path) -> Self {
        let mut command = refrain(data_dir, &["up", "--listen", "127.0.0.1:0"]);
        // One client plays many.
        command.env("REFRAIN_RATE_LIMIT", "off");
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let Some(url) = line.trim().strip_prefix("ready ") else {
            process.kill().unwrap();
            let mut error = String::new();
            process.stderr.take().unwrap().read_to_string(&mut error).unwrap();
            panic!("{line}: {error}");
        };
        let url = url.to_owned();
        let mut log = process.stderr.take().unwrap();
        // Nobody reads the log; a full pipe would stop the server.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        // A connection that the server is about to close, after five idle seconds, is not used again.
        let http = Client::builder().pool_idle_timeout(Duration::from_secs(2));
        let http = http.redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { process, url, http }
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.process), signal).unwrap();
    }

    /// Ctrl-C, and the exit code.
    pub(crate) fn stop(mut self) -> Option<i32> {
        self.signal(Signal::INT);
        self.process.wait().unwrap().code()
    }

    /// Kills it where it stands.
    pub(crate) fn kill(mut self) {
        self.signal(Signal::KILL);
        self.process.wait().unwrap();
    }

    pub(crate) fn request(&self, method: Method, path: &str, token: Option<&str>) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Value {
        self.request(Method::GET, path, Some(token)).send().await.unwrap().json().await.unwrap()
    }

    /// An access token by address and password.
    pub(crate) async fn login(&self, email: &str, password: &str) -> Option<String> {
        let body = serde_json::json!({"email": email, "password": password});
        let answer = self.request(Method::POST, "/api/auth/login", None).json(&body).send().await.unwrap();
        let tokens: Value = answer.json().await.unwrap();
        tokens["accessToken"].as_str().map(str::to_owned)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A folder that every account may enter, so that a test run by root needs no redirection.
pub(crate) fn scratch() -> TempDir {
    use std::os::unix::fs::PermissionsExt;
    let everybody = std::fs::Permissions::from_mode(0o755);
    tempfile::Builder::new().permissions(everybody).tempdir().unwrap()
}

/// The data dir in a scratch folder; not made yet.
pub(crate) fn data_dir(scratch: &TempDir) -> PathBuf {
    scratch.path().join("data")
}

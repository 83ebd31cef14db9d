//! ffmpeg as a program of its own: what it does to itself over a stranger's file, it does in another process.

use std::ffi::OsStr;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use contracts::{JobErrorCode, MediaFormat};
use rustix::process::Signal;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};

use super::{Control, Fault};

/// Of a lossy format of which nothing is said.
const BITRATE: i32 = 192_000;
/// Bytes of memory that it may map; of a large AVIF it takes half as much.
const MEMORY: u64 = 4 * 1024 * 1024 * 1024;
/// What is read of its complaints.
const COMPLAINTS: u64 = 16 * 1024;

const HEAD: [&str; 8] =
    ["-hide_banner", "-nostdin", "-loglevel", "error", "-progress", "pipe:1", "-threads", "1"];

/// Where the program is; it need not be there.
#[derive(Debug, Clone)]
pub(crate) struct Ffmpeg {
    program: PathBuf,
    /// Bytes that it may write into a file: a few of silence can be made any number of them.
    max_bytes: u64,
}

/// What is to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Encoding {
    pub(crate) format: MediaFormat,
    pub(crate) bitrate: Option<i32>,
}

/// Sound that is to be read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) path: &'a Path,
    pub(crate) content_type: &'a str,
    /// Seconds, where they are known.
    pub(crate) duration: Option<f64>,
}

impl Ffmpeg {
    pub(crate) fn new(program: impl Into<PathBuf>, max_bytes: u64) -> Self {
        Self { program: program.into(), max_bytes }
    }

    /// Writes the first sound of a file in another format.
    ///
    /// # Errors
    /// `unsupported` when the program is not there, cannot read the source's format or cannot write the wanted one;
    /// `too-large` when it would take more memory or write more than it may.
    pub(crate) async fn encode(
        &self,
        source: Source<'_>,
        to: &Path,
        encoding: Encoding,
        control: &Control,
    ) -> Result<(), Fault> {
        self.run(&arguments(source, encoding)?, to, source.duration, control).await
    }

    /// Writes a PNG of ours as AVIF; `quality` from 1 to 100.
    ///
    /// # Errors
    /// `unsupported` when the program is not there or has no encoder of AV1.
    pub(crate) async fn write_avif(
        &self,
        png: &Path,
        to: &Path,
        quality: u8,
        control: &Control,
    ) -> Result<(), Fault> {
        self.run(&arguments_of_avif(png, quality), to, None, control).await
    }

    async fn run(
        &self,
        arguments: &[String],
        to: &Path,
        duration: Option<f64>,
        control: &Control,
    ) -> Result<(), Fault> {
        let mut child = self.start(arguments, to)?;
        confine(&child, self.max_bytes)?;
        let progress = follow(child.stdout.take(), duration, control);
        let complaints = complaints(&mut child);
        let (status, complaints) = tokio::select! {
            // Dropped, the child is killed.
            () = control.stopped() => return Err(Fault::Stopped),
            ended = async { tokio::join!(child_end(progress, complaints), child.wait()) } => (ended.1?, ended.0),
        };
        judge(status, &complaints)
    }

    fn start(&self, arguments: &[String], to: &Path) -> Result<Child, Fault> {
        let output: [&OsStr; 2] = [OsStr::new("-y"), to.as_os_str()];
        Command::new(&self.program)
            .env_clear()
            .env("PATH", super::SEARCH_PATH)
            .args(arguments)
            .args(output)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => {
                    Fault::unsupported("this needs ffmpeg, which is not installed here")
                }
                _ => Fault::Machine(error),
            })
    }
}

/// Limits of the process, which has hardly begun.
#[cfg(target_os = "linux")]
fn confine(child: &Child, max_bytes: u64) -> io::Result<()> {
    use rustix::process::{Pid, Resource, Rlimit, prlimit};
    let pid = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    // One that has ended needs none.
    let Some(pid) = pid else { return Ok(()) };
    for (resource, limit) in [(Resource::Fsize, max_bytes), (Resource::As, MEMORY), (Resource::Core, 0)] {
        match prlimit(Some(pid), resource, Rlimit { current: Some(limit), maximum: Some(limit) }) {
            Ok(_) | Err(rustix::io::Errno::SRCH) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn confine(_: &Child, _: u64) -> io::Result<()> {
    Ok(())
}

async fn child_end(progress: impl Future<Output = ()>, complaints: impl Future<Output = String>) -> String {
    tokio::join!(progress, complaints).1
}

fn arguments(source: Source<'_>, encoding: Encoding) -> Result<Vec<String>, Fault> {
    let reader = reader_of(source.content_type)?;
    let bitrate = encoding.bitrate.unwrap_or(BITRATE).to_string();
    let writer: &[&str] = match encoding.format {
        MediaFormat::Wav => &["-c:a", "pcm_s16le", "-f", "wav"],
        MediaFormat::Flac => &["-c:a", "flac", "-f", "flac"],
        MediaFormat::Mp3 => &["-c:a", "libmp3lame", "-b:a", &bitrate, "-f", "mp3"],
        MediaFormat::Opus => &["-c:a", "libopus", "-b:a", &bitrate, "-f", "ogg"],
        MediaFormat::Aac => &["-c:a", "aac", "-b:a", &bitrate, "-movflags", "+faststart", "-f", "mp4"],
        MediaFormat::Jpeg | MediaFormat::Png | MediaFormat::Webp | MediaFormat::Avif => {
            return Err(Fault::unsupported("sound cannot become a picture"));
        }
    };
    let source = format!("file:{}", source.path.display());
    // A format that is named cannot turn out to be a playlist of other places.
    let input = ["-protocol_whitelist", "file", "-f", reader, "-i", &source];
    let body = ["-map", "0:a:0", "-vn", "-sn", "-dn", "-map_metadata", "-1", "-fflags", "+bitexact"];
    Ok(owned(&[&HEAD[..], &input, &body, &["-flags:a", "+bitexact"], writer].concat()))
}

fn arguments_of_avif(png: &Path, quality: u8) -> Vec<String> {
    let source = format!("file:{}", png.display());
    // A constant rate factor goes from 63, the coarsest, to 0.
    let factor = (63 - u32::from(quality.min(100)) * 63 / 100).to_string();
    let input = ["-protocol_whitelist", "file", "-f", "png_pipe", "-i", &source];
    let body = ["-frames:v", "1", "-map_metadata", "-1", "-fflags", "+bitexact", "-pix_fmt", "yuv420p"];
    let writer =
        ["-c:v", "libaom-av1", "-still-picture", "1", "-cpu-used", "6", "-b:v", "0", "-crf", &factor];
    owned(&[&HEAD[..], &input, &body, &writer, &["-f", "avif"]].concat())
}

fn owned(arguments: &[&str]) -> Vec<String> {
    arguments.iter().map(|argument| (*argument).to_owned()).collect()
}

fn reader_of(content_type: &str) -> Result<&'static str, Fault> {
    match content_type {
        "audio/mpeg" => Ok("mp3"),
        "audio/flac" => Ok("flac"),
        "audio/ogg" => Ok("ogg"),
        "audio/mp4" => Ok("mov"),
        "audio/wav" => Ok("wav"),
        "audio/aiff" => Ok("aiff"),
        "audio/aac" => Ok("aac"),
        other => Err(Fault::unsupported(format!("{other} is no sound that is understood here"))),
    }
}

/// Reads its progress, of which the lines `out_time_us=` say how far it is, to the end.
async fn follow(stdout: Option<ChildStdout>, duration: Option<f64>, control: &Control) {
    let Some(stdout) = stdout else { return };
    let whole = std::time::Duration::try_from_secs_f64(duration.unwrap_or(0.0)).unwrap_or_default();
    let whole = u64::try_from(whole.as_micros()).unwrap_or(0);
    let mut lines = BufReader::new(stdout).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some(done) = line.strip_prefix("out_time_us=").and_then(|micros| micros.parse().ok()) {
            control.reached(done, whole);
        }
    }
}

fn complaints(child: &mut Child) -> impl Future<Output = String> + use<> {
    let stderr = child.stderr.take();
    async move {
        let mut text = Vec::new();
        if let Some(mut stderr) = stderr {
            let _ = (&mut stderr).take(COMPLAINTS).read_to_end(&mut text).await;
            // A full pipe would hold it up.
            let _ = tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await;
        }
        String::from_utf8_lossy(&text).into_owned()
    }
}

/// Its words are for the log: they name paths.
fn judge(status: ExitStatus, complaints: &str) -> Result<(), Fault> {
    if status.success() {
        return Ok(());
    }
    tracing::info!(%status, complaints, "ffmpeg did not do it");
    if status.signal() == Some(Signal::XFSZ.as_raw()) || complaints.contains("File too large") {
        return Err(Fault::too_large("it would become larger than a file may be"));
    }
    if complaints.contains("allocate memory") {
        return Err(Fault::too_large("it takes more memory than a job may have"));
    }
    if status.code().is_none() || complaints.contains("No space left") {
        return Err(Fault::Machine(io::Error::other(format!("ffmpeg ended with {status}"))));
    }
    if complaints.contains("Unknown encoder") || complaints.contains("not currently supported") {
        return Err(Fault::unsupported("the ffmpeg of this machine cannot do it"));
    }
    Err(Fault::Refused { code: JobErrorCode::Unreadable, message: "ffmpeg cannot read it".to_owned() })
}

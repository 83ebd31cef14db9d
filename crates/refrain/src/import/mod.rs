//! `refrain import`: a folder of music becomes albums and tracks of the running server.
//!
//! It speaks to the server through the typed clients, as any app would. What is there already is known by the SHA-256
//! of its bytes, so that an import that was cut off goes on where it stopped, and a second one changes nothing. A file
//! that cannot be used is reported and never ends the import.

mod account;
mod album;
mod cover;
mod report;
mod scan;
mod upload;

use std::path::Path;
use std::process::ExitCode;

use anyhow::bail;
use contracts::Visibility;
use contracts::client::{Connection, MusicClient, StorageClient};
use futures_util::{StreamExt, stream};
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::print_line;
use crate::data_dir::DataDir;
use report::{Fate, Report};
use scan::Song;

/// Tracks on their way at once: enough to keep reading, hashing and the server busy side by side.
const AT_ONCE: usize = 4;

/// Where the music goes.
struct Library {
    music: MusicClient,
    storage: StorageClient,
    visibility: Visibility,
}

/// Imports a folder into the library of the account with this address.
///
/// # Errors
/// When there is no such folder, no server, or the server stopped answering.
pub(crate) async fn run(
    data_dir: &DataDir,
    folder: &Path,
    email: &str,
    public: bool,
) -> anyhow::Result<ExitCode> {
    if !folder.is_dir() {
        bail!("{} is not a folder", folder.display());
    }
    let url = data_dir.running_server()?;
    let account = account::find_or_create(data_dir, email, public).await?;
    let connection = Connection::new(&url)?.with_credentials(account::credentials(data_dir, &account)?);
    let library = Library {
        music: MusicClient::new(connection.clone()),
        storage: StorageClient::new(connection),
        visibility: if public { Visibility::Public } else { Visibility::Personal },
    };
    let root = folder.to_owned();
    let found = tokio::task::spawn_blocking(move || scan::walk(&root)).await?;
    let mut report = Report::new(folder, found.ignored);
    let progress = progress_bar(found.songs.len());
    report.skip_all(found.unreadable);
    for (key, songs) in scan::albums_of(found.songs) {
        progress.set_message(key.title.clone().unwrap_or_else(|| "single tracks".to_owned()));
        import_album(&library, &key, songs, &mut report, &progress).await?;
    }
    progress.finish_and_clear();
    print_line(&report.to_string())?;
    Ok(ExitCode::SUCCESS)
}

/// One album with its tracks; each track's fate goes into the report.
async fn import_album(
    library: &Library,
    key: &scan::AlbumKey,
    songs: Vec<Song>,
    report: &mut Report,
    progress: &ProgressBar,
) -> anyhow::Result<()> {
    let album_id = match &key.title {
        Some(_) => Some(album::find_or_create(library, key, &songs, report).await?),
        None => None,
    };
    let mut fates = stream::iter(songs)
        .map(|song| async move {
            let fate = upload::import_song(library, album_id, &song).await;
            (song, fate)
        })
        .buffer_unordered(AT_ONCE);
    while let Some((song, fate)) = fates.next().await {
        match fate {
            Ok(fate) => report.add(&song.path, fate),
            Err(error) if error.problem().is_some() => {
                report.add(&song.path, Fate::Skipped(error.to_string()));
            }
            // The server is gone: what is left would fail the same way.
            Err(error) => return Err(error.into()),
        }
        progress.inc(1);
    }
    Ok(())
}

/// Drawn on a terminal only.
fn progress_bar(songs: usize) -> ProgressBar {
    let progress = ProgressBar::new(u64::try_from(songs).unwrap_or(u64::MAX));
    match ProgressStyle::with_template("{bar:32} {pos}/{len}  {elapsed}  {msg}") {
        Ok(style) => progress.with_style(style),
        Err(_) => progress,
    }
}

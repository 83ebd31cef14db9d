//! The `music-service` program.

use std::process::ExitCode;

use music_service::MusicService;

fn main() -> ExitCode {
    launch::run_program::<MusicService>()
}

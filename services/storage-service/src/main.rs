//! The `storage-service` program.

use std::process::ExitCode;

use storage_service::StorageService;

fn main() -> ExitCode {
    launch::run_program::<StorageService>()
}

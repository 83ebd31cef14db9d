//! The `user-service` program.

use std::process::ExitCode;

use user_service::UserService;

fn main() -> ExitCode {
    launch::run_program::<UserService>()
}

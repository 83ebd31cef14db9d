//! The `refrain` program.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use refrain::cli::Arguments;

fn main() -> ExitCode {
    match refrain::cli::run(Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            // Standard error may be closed; the exit code says it too.
            let _ = writeln!(std::io::stderr(), "refrain: {}", telemetry::error_chain(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

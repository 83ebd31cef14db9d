//! `refrain audit`: the columns of the three databases of the running server.

use std::process::ExitCode;

use clap::ValueEnum;
use contracts::audit::AuditResponse;
use identity::Service;

use crate::cli::print_line;
use crate::data_dir::DataDir;
use crate::environment;

/// How the audit is printed.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Format {
    /// Text, a block a table
    Table,
    /// The answer of GET /api/admin/audit
    Json,
    /// A page for a browser, which needs nothing else
    Html,
}

/// Prints the audit. Exit code 1 when a column of a table with rows was never used.
pub(crate) async fn run(data_dir: &DataDir, format: Format) -> anyhow::Result<ExitCode> {
    let mut tables = Vec::new();
    for service in Service::ALL {
        let database = environment::database(data_dir, service)?;
        tables.extend(audit::columns(&database, service).await?);
        database.close();
    }
    let audit = AuditResponse::new(tables);
    let text = match format {
        Format::Table => audit::table(&audit),
        Format::Json => serde_json::to_string_pretty(&audit)?,
        Format::Html => audit::html(&audit),
    };
    print_line(text.trim_end())?;
    Ok(if audit.never_populated.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

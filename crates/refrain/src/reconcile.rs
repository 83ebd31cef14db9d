//! `refrain reconcile`: the counters of the running server against what they count.

use std::process::ExitCode;

use audit::Drift;
use launch::Deployable;
use music_service::MusicService;
use storage_service::StorageService;
use user_service::UserService;

use crate::cli::print_line;
use crate::data_dir::DataDir;
use crate::environment;

/// Prints every counter that is wrong, and sets it right if wished. Exit code 1 when one is wrong and left so.
pub(crate) async fn run(data_dir: &DataDir, fix: bool) -> anyhow::Result<ExitCode> {
    let mut drift = of_service::<UserService>(data_dir, fix).await?;
    drift.extend(of_service::<MusicService>(data_dir, fix).await?);
    drift.extend(of_service::<StorageService>(data_dir, fix).await?);
    for wrong in &drift {
        print_line(&lines(wrong, fix))?;
    }
    if drift.is_empty() {
        print_line("every counter equals its rows")?;
    }
    Ok(if drift.is_empty() || fix { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn of_service<S: Deployable>(data_dir: &DataDir, fix: bool) -> anyhow::Result<Vec<Drift>> {
    let database = environment::database(data_dir, S::SERVICE)?;
    let ledger = S::counters();
    Ok(if fix { audit::repair(&database, &ledger).await? } else { audit::drift(&database, &ledger).await? })
}

fn lines(drift: &Drift, fix: bool) -> String {
    let counter = &drift.counter;
    let outcome = if fix { "was wrong and is set right" } else { "is wrong" };
    let mut text = format!("{}.{} {outcome} on {} rows", counter.table, counter.column, drift.rows);
    for example in &drift.examples {
        let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "null".to_owned());
        let (is, should_be) = (value(&example.is), value(&example.should_be));
        text.push_str(&format!("\n  {}: {is}, should be {should_be}", example.key));
    }
    text
}

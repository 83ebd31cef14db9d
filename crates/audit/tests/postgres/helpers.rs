//! A schema of the test's own.

use contracts::audit::{ColumnAudit, TableAudit};
use database::{Database, DatabaseSettings};
use diesel_async::SimpleAsyncConnection;
use identity::Service;
use test_utils::Schema;

/// A database in which some statements ran.
pub(crate) async fn database_with(sql: &str) -> Database {
    let url = Schema::create().await.url;
    let database = Database::new(&DatabaseSettings { url, pool_size: 2 }).unwrap();
    execute(&database, sql).await;
    database
}

pub(crate) async fn execute(database: &Database, sql: &str) {
    database.connection().await.unwrap().batch_execute(sql).await.unwrap();
}

pub(crate) async fn audit(database: &Database) -> Vec<TableAudit> {
    audit::columns(database, Service::Music).await.unwrap()
}

pub(crate) fn column<'a>(tables: &'a [TableAudit], table: &str, name: &str) -> &'a ColumnAudit {
    let table = tables.iter().find(|found| found.name == table).unwrap();
    table.columns.iter().find(|column| column.name == name).unwrap()
}

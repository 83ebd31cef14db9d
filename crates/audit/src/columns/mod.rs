//! The column audit: the catalogue says which columns there are, one query a table how they are used.

mod catalog;
mod comment;
mod count;

use contracts::ColumnVerdict;
use contracts::audit::{ColumnAudit, TableAudit};
use database::{Database, DatabaseError};
use diesel_async::AsyncPgConnection;
use identity::Service;

use catalog::{Column, Table};
use count::Counts;

/// Every table of a service's schema with its columns, all as of one instant. Reads whole tables.
///
/// # Errors
/// When the database fails.
pub async fn columns(database: &Database, service: Service) -> Result<Vec<TableAudit>, DatabaseError> {
    let mut connection = database.connection().await?;
    let mut transaction = connection.build_transaction().repeatable_read().read_only();
    transaction.run(async |connection| audit(connection, service).await).await
}

async fn audit(
    connection: &mut AsyncPgConnection,
    service: Service,
) -> Result<Vec<TableAudit>, DatabaseError> {
    count::take_time(connection).await?;
    let mut audits = Vec::new();
    for table in catalog::tables(connection).await? {
        let counts = count::count(connection, &table).await?;
        audits.push(of_table(table, &counts, service));
    }
    Ok(audits)
}

fn of_table(table: Table, counts: &Counts, service: Service) -> TableAudit {
    let uses = counts.non_null.iter().zip(&counts.non_default).zip(&counts.distinct);
    let columns = table.columns.into_iter().zip(uses).map(|(column, ((non_null, non_default), distinct))| {
        of_column(column, counts.rows, (*non_null, *non_default, *distinct))
    });
    TableAudit {
        service: service.name().to_owned(),
        name: table.name,
        meaning: table.comment,
        rows: counts.rows,
        columns: columns.collect(),
    }
}

fn of_column(column: Column, rows: i64, (non_null, non_default, distinct): (i64, i64, i64)) -> ColumnAudit {
    let (meaning, writer) = comment::parse(column.comment.as_deref());
    ColumnAudit {
        name: column.name,
        data_type: column.data_type,
        meaning,
        writer,
        non_null: share(non_null, rows),
        non_default: share(non_default, rows),
        distinct_values: distinct,
        verdict: match (rows, non_default) {
            (0, _) => ColumnVerdict::EmptyTable,
            (_, 0) => ColumnVerdict::NeverPopulated,
            _ => ColumnVerdict::Populated,
        },
    }
}

#[expect(clippy::as_conversions, reason = "a share of two counts needs no more than 53 bits")]
fn share(part: i64, whole: i64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

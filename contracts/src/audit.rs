//! The column audit: what every column of every table is for, who writes it, and whether anybody ever did.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ColumnVerdict;

/// The columns of one database or of several.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditResponse {
    /// `table.column` of each column that no row of its table ever used.
    pub never_populated: Vec<String>,
    /// `table.column` of each column that does not say what it means or who writes it.
    pub undocumented: Vec<String>,
    /// Every table, by service and name.
    pub tables: Vec<TableAudit>,
}

impl AuditResponse {
    /// A report on tables.
    #[must_use]
    pub fn new(tables: Vec<TableAudit>) -> Self {
        let named = |is_wanted: fn(&ColumnAudit) -> bool| {
            let of_table = |table: &TableAudit| {
                let columns = table.columns.iter().filter(|column| is_wanted(column));
                columns.map(|column| format!("{}.{}", table.name, column.name)).collect::<Vec<_>>()
            };
            tables.iter().flat_map(of_table).collect()
        };
        Self {
            never_populated: named(|column| column.verdict == ColumnVerdict::NeverPopulated),
            undocumented: named(|column| column.meaning.is_none() || column.writer.is_none()),
            tables,
        }
    }
}

/// One table and its columns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TableAudit {
    /// The service that owns it.
    pub service: String,
    /// Its name.
    pub name: String,
    /// What a row of it is; null when nobody said.
    #[schema(required)]
    pub meaning: Option<String>,
    /// How many rows it has, those of its partitions included.
    pub rows: i64,
    /// Its columns, in the table's order.
    pub columns: Vec<ColumnAudit>,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ColumnAudit {
    /// Its name.
    pub name: String,
    /// Its type, as PostgreSQL writes it.
    pub data_type: String,
    /// What it means; null when nobody said.
    #[schema(required)]
    pub meaning: Option<String>,
    /// Who writes it; null when nobody said.
    #[schema(required)]
    pub writer: Option<String>,
    /// Share of the rows, 0 to 1, in which it is not null.
    pub non_null: f64,
    /// Share of the rows, 0 to 1, in which it is neither null nor its default: the declared one, else the empty value of
    /// its type (0, false, no text, no elements) where it may not be null.
    pub non_default: f64,
    /// How many values it has, null not counted.
    pub distinct_values: i64,
    /// What that comes to.
    pub verdict: ColumnVerdict,
}

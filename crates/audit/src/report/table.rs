//! The audit as text, a block a table.

use std::fmt::Write;

use contracts::audit::{AuditResponse, ColumnAudit, TableAudit};

use super::percent;

const HEAD: [&str; 7] = ["column", "type", "non-null", "non-default", "distinct", "verdict", "writer"];

/// The audit as text.
#[must_use]
pub fn table(audit: &AuditResponse) -> String {
    let mut text = String::new();
    for table in &audit.tables {
        text.push_str(&block(table));
    }
    text.push_str(&conclusion("never populated", &audit.never_populated));
    text.push_str(&conclusion("without a meaning or a writer", &audit.undocumented));
    text
}

fn block(table: &TableAudit) -> String {
    let mut lines = vec![HEAD.map(str::to_owned)];
    lines.extend(table.columns.iter().map(line));
    let mut text = format!("{} ({}), {} rows\n", table.name, table.service, table.rows);
    let widths: [usize; 7] = std::array::from_fn(|place| {
        lines.iter().filter_map(|line| line.get(place)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    });
    for line in &lines {
        let cells = line.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        let line = cells.collect::<Vec<_>>().join("  ");
        // A String takes all that is written to it.
        let _ = writeln!(text, "  {}", line.trim_end());
    }
    text.push('\n');
    text
}

fn line(column: &ColumnAudit) -> [String; 7] {
    [
        column.name.clone(),
        column.data_type.clone(),
        percent(column.non_null),
        percent(column.non_default),
        column.distinct_values.to_string(),
        column.verdict.to_string(),
        column.writer.clone().unwrap_or_else(|| "nobody says".to_owned()),
    ]
}

fn conclusion(what: &str, columns: &[String]) -> String {
    match columns {
        [] => format!("{what}: none\n"),
        columns => format!("{what}: {}\n", columns.join(", ")),
    }
}

//! The audit as one page that needs nothing else: no script, no font, no network.

use contracts::ColumnVerdict;
use contracts::audit::{AuditResponse, ColumnAudit, TableAudit};
use maud::{DOCTYPE, Markup, html};

use super::percent;

const STYLE: &str = "
:root { color-scheme: light dark; font: 15px/1.4 system-ui, sans-serif }
body { margin: 2rem auto; max-width: 80rem; padding: 0 1rem }
table { border-collapse: collapse; width: 100%; margin-bottom: 2.5rem }
th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #8884 }
code { font-size: .9em } small { opacity: .75 } meter { width: 6rem; display: block }
.never-populated td:first-child, .missing { color: #c0392b; font-weight: 600 }
.empty-table { opacity: .6 }";

/// The audit as a page.
#[must_use]
pub fn html(audit: &AuditResponse) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                title { "Column audit" }
                style { (maud::PreEscaped(STYLE)) }
            }
            body {
                h1 { "Column audit" }
                (conclusion("Never populated", &audit.never_populated))
                (conclusion("Without a meaning or a writer", &audit.undocumented))
                @for table in &audit.tables { (of_table(table)) }
            }
        }
    };
    page.into_string()
}

fn conclusion(what: &str, columns: &[String]) -> Markup {
    html! {
        p { (what) ": " @if columns.is_empty() { "none" } @else { span.missing { (columns.join(", ")) } } }
    }
}

fn of_table(table: &TableAudit) -> Markup {
    html! {
        h2 id=(table.name) { (table.name) " " small { (table.service) ", " (table.rows) " rows" } }
        @if let Some(meaning) = &table.meaning { p { (meaning) } }
        table {
            thead {
                tr { th { "Column" } th { "Non-null" } th { "Non-default" } th { "Distinct" } th { "Verdict" } th { "Meaning, writer" } }
            }
            tbody { @for column in &table.columns { (of_column(column)) } }
        }
    }
}

fn of_column(column: &ColumnAudit) -> Markup {
    html! {
        tr class=(column.verdict) {
            td { code { (column.name) } br; small { (column.data_type) } }
            td { (bar(column.non_null)) }
            td { (bar(column.non_default)) }
            td { (column.distinct_values) }
            td { (words(column.verdict)) }
            td {
                (said(column.meaning.as_deref(), "no meaning")) br;
                small { (said(column.writer.as_deref(), "no writer")) }
            }
        }
    }
}

fn bar(share: f64) -> Markup {
    html! { meter value=(share) { } (percent(share)) }
}

fn said(text: Option<&str>, missing: &str) -> Markup {
    html! { @if let Some(text) = text { (text) } @else { span.missing { (missing) } } }
}

fn words(verdict: ColumnVerdict) -> &'static str {
    match verdict {
        ColumnVerdict::Populated => "populated",
        ColumnVerdict::EmptyTable => "empty table",
        ColumnVerdict::NeverPopulated => "never populated",
    }
}

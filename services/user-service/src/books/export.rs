//! Books as Markdown (CommonMark).

use std::fmt::Write;

use contracts::user::{BookExport, EntryResponse};

/// A whole book to be read. What people wrote is theirs: their own Markdown stays Markdown.
pub(super) fn markdown(export: &BookExport) -> String {
    let mut text = format!("# {}\n", line(&export.book.title));
    for note in [&export.book.subtitle, &export.book.author, &export.book.description].into_iter().flatten() {
        let _ = write!(text, "\n{note}\n");
    }
    for part in &export.chapters {
        let _ = write!(text, "\n## {}\n", line(&part.chapter.title));
        if let Some(description) = &part.chapter.description {
            let _ = write!(text, "\n{description}\n");
        }
        for entry in &part.entries {
            let _ = write!(text, "\n### {}\n\n{}\n", heading(entry), body(entry));
        }
    }
    text
}

fn heading(entry: &EntryResponse) -> String {
    let day = entry.user_date.unwrap_or(entry.created_at).format("%Y-%m-%d");
    match &entry.mood_context {
        Some(mood) => format!("{day}, {} ({})", entry.entry_type, line(mood)),
        None => format!("{day}, {}", entry.entry_type),
    }
}

/// The words of others are quoted, with their source.
fn body(entry: &EntryResponse) -> String {
    if entry.entry_type.is_own_words() {
        return entry.content.clone();
    }
    let mut text: Vec<String> = entry.content.lines().map(|line| format!("> {line}")).collect();
    let source = [&entry.source_author, &entry.source_title, &entry.source_chapter];
    let source: Vec<&str> = source.into_iter().flatten().map(String::as_str).collect();
    match &entry.attribution {
        Some(attribution) => text.push(format!(">\n> {}", line(attribution))),
        None if !source.is_empty() => text.push(format!(">\n> {}", line(&source.join(", ")))),
        None => {}
    }
    text.join("\n")
}

/// A heading ends with its line.
fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

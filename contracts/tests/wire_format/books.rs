//! The rules of books, entries and what is seen in them.

use contracts::user;
use serde_json::{Value, json};

use crate::refusals::{long, many, refuses, refuses_unknown, texts};

const CHAPTER: &str = "018f3b5c-0000-7000-8000-000000000032";

#[test]
fn books() {
    let mut faults = texts("title", 255);
    for (field, max) in [("subtitle", 255), ("description", 4000), ("author", 255), ("category", 50)] {
        faults.extend(texts(field, max));
    }
    faults.extend([("title", json!("")), ("language", json!("English")), ("systemType", json!("A guide"))]);
    refuses::<user::CreateBookRequest>("CreateBookRequest", &faults);
    refuses::<user::UpdateBookRequest>("UpdateBookRequest", &faults);
    refuses_unknown::<user::CreateBookRequest>("CreateBookRequest");
    refuses_unknown::<user::UpdateBookRequest>("UpdateBookRequest");
    let faults =
        [("limit", json!(0)), ("cursor", long(1025)), ("systemType", json!("A guide")), ("q", long(101))];
    refuses::<user::ListBooksQuery>("ListBooksQuery", &faults);
}

#[test]
fn chapters() {
    let mut faults = texts("title", 255);
    faults.extend(texts("description", 4000));
    // The example has a date, which needs its time and no threshold.
    faults.extend([("unlockThreshold", json!(3)), ("unlockThreshold", json!(0))]);
    refuses::<user::UpdateChapterRequest>("UpdateChapterRequest", &faults);
    refuses_unknown::<user::UpdateChapterRequest>("UpdateChapterRequest");
    faults.push(("unlockAt", json!(null)));
    refuses::<user::CreateChapterRequest>("CreateChapterRequest", &faults);
    refuses_unknown::<user::CreateChapterRequest>("CreateChapterRequest");
    refuses::<user::PutInOrderRequest>("PutInOrderRequest", &[("ids", json!([CHAPTER, CHAPTER]))]);
}

#[test]
fn reading() {
    let mut faults = texts("altText", 1000);
    faults.push(("entryId", json!(CHAPTER)));
    refuses::<user::CreateIllustrationRequest>("CreateIllustrationRequest", &faults);
    refuses_unknown::<user::CreateIllustrationRequest>("CreateIllustrationRequest");
    refuses::<user::UpdateIllustrationRequest>("UpdateIllustrationRequest", &texts("altText", 1000));
    refuses_unknown::<user::UpdateIllustrationRequest>("UpdateIllustrationRequest");
    let faults = [("readingProgress", json!(-0.1)), ("readingProgress", json!(1.1))];
    refuses::<user::SetProgressRequest>("SetProgressRequest", &faults);
    let nothing: user::SetProgressRequest = serde_json::from_value(json!({})).unwrap();
    assert!(garde::Validate::validate(&nothing).is_err());
}

/// What both ways of saying an entry refuse.
fn entry() -> Vec<(&'static str, Value)> {
    let mut faults = texts("content", 100_000);
    let lengths = [("moodContext", 50), ("sourceTitle", 255), ("sourceAuthor", 255), ("sourceChapter", 255)];
    for (field, max) in lengths.into_iter().chain([("attribution", 500)]) {
        faults.extend(texts(field, max));
    }
    faults.extend([
        ("tags", many(2)),
        ("tags", json!([long(51)])),
        ("musicHints", many(21)),
        ("musicHints", json!([" "])),
        ("metadata", json!({"note": long(16 * 1024)})),
        ("sentimentScore", json!(1.1)),
        ("emotionalIntensity", json!(0)),
        ("emotionalIntensity", json!(11)),
        ("themes", many(2)),
        ("themes", json!([long(101)])),
        ("language", json!("English")),
    ]);
    faults
}

#[test]
fn entries() {
    refuses::<user::CreateEntryRequest>("CreateEntryRequest", &entry());
    refuses::<user::UpdateEntryRequest>("UpdateEntryRequest", &entry());
    refuses_unknown::<user::CreateEntryRequest>("CreateEntryRequest");
    refuses_unknown::<user::UpdateEntryRequest>("UpdateEntryRequest");
    let faults = [("q", long(101)), ("theme", long(101)), ("limit", json!(101)), ("cursor", long(1025))];
    refuses::<user::ListEntriesQuery>("ListEntriesQuery", &faults);
}

#[test]
fn profiling() {
    let mut faults = texts("mood", 50);
    faults.extend(texts("content", 2000));
    faults.extend(texts("triggerTag", 50));
    faults.extend([("emotionalIntensity", json!(0)), ("emotionalIntensity", json!(11))]);
    refuses::<user::CreateCheckinRequest>("CreateCheckinRequest", &faults);
    refuses_unknown::<user::CreateCheckinRequest>("CreateCheckinRequest");
    let pages = [("limit", json!(0)), ("limit", json!(101)), ("cursor", long(1025))];
    refuses::<user::ListPatternsQuery>("ListPatternsQuery", &pages);
    refuses::<user::ProfileMetricsQuery>("ProfileMetricsQuery", &pages);
    refuses::<user::AnalyticsQuery>("AnalyticsQuery", &pages);
    refuses::<user::ReactRequest>("ReactRequest", &texts("explanation", 2000));
    refuses_unknown::<user::ReactRequest>("ReactRequest");
    let mut faults = texts("response", 10_000);
    faults.push(("response", json!("")));
    refuses::<user::AnswerTurnRequest>("AnswerTurnRequest", &faults);
    refuses_unknown::<user::AnswerTurnRequest>("AnswerTurnRequest");
    refuses_unknown::<user::CreateReflectionRequest>("CreateReflectionRequest");
}

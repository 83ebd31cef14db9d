//! Lyrics, feedback, metrics: every rule is broken once.

use contracts::music;
use garde::Validate;
use serde_json::json;

use crate::refusals::{long, many, refuses, refuses_unknown, texts};

#[test]
fn lyrics() {
    let mut faults = texts("title", 255);
    faults.extend(texts("style", 50));
    faults.extend(texts("mood", 50));
    faults.extend(texts("content", 65_536));
    faults.extend(texts("lrc", 65_536));
    faults.extend([
        ("themes", many(21)),
        ("themes", json!([""])),
        ("themes", json!([long(51)])),
        ("language", json!("English")),
        ("metadata", json!({"note": long(16 * 1024)})),
    ]);
    refuses::<music::CreateLyricsRequest>("CreateLyricsRequest", &faults);
    refuses::<music::UpdateLyricsRequest>("UpdateLyricsRequest", &faults);
    refuses_unknown::<music::CreateLyricsRequest>("CreateLyricsRequest");
    refuses_unknown::<music::UpdateLyricsRequest>("UpdateLyricsRequest");
    let neither: music::CreateLyricsRequest = serde_json::from_value(json!({"title": "Silence"})).unwrap();
    assert!(neither.validate().unwrap_err().iter().all(|(path, _)| path.to_string() == "content"));
    let faults = [("limit", json!(0)), ("limit", json!(101)), ("cursor", long(1025))];
    refuses::<music::ListLyricsQuery>("ListLyricsQuery", &faults);
}

#[test]
fn feedback() {
    refuses::<music::TrackFeedbackRequest>("TrackFeedbackRequest", &texts("context", 500));
    refuses_unknown::<music::TrackFeedbackRequest>("TrackFeedbackRequest");
}

#[test]
fn metrics_and_analytics() {
    refuses_unknown::<music::MetricsQuery>("MetricsQuery");
    let faults = [("limit", json!(0)), ("limit", json!(101)), ("cursor", long(1025))];
    refuses::<music::StreamAnalyticsQuery>("StreamAnalyticsQuery", &faults);
    refuses_unknown::<music::StreamAnalyticsQuery>("StreamAnalyticsQuery");
}

//! The ledger against the schema.

use launch::Deployable;
use test_utils::TestApp;
use user_service::UserService;

use serde_json::json;

use crate::books::{book_of, write};
use crate::helpers::{settled, spawn_app};
use crate::listening::{deleted, played, tell};
use crate::profiling::{analyse, diary};

pub(crate) async fn expect_no_drift(app: &TestApp) {
    let drift = audit::drift(&app.database, &UserService::counters()).await.unwrap();
    assert!(drift.is_empty(), "{drift:#?}");
}

#[tokio::test]
async fn every_column_that_is_named_as_a_counter_is_in_the_ledger() {
    let app = spawn_app().await;
    let unknown = audit::unregistered(&app.database, &UserService::counters()).await.unwrap();
    assert!(unknown.is_empty(), "{unknown:?}");
}

/// Counters of what people write and hear are true between runs, and who corrupts one is found out.
#[tokio::test]
async fn every_counter_of_days_and_themes_is_found_when_it_is_wrong() {
    let app = spawn_app().await;
    let person = settled(&app).await;
    let entries = diary(&app, &person).await;
    let events = [
        played(&person, 11, "2026-03-01T10:00:00Z", 100.125),
        played(&person, 12, "2026-03-01T11:00:00Z", 50.0),
        played(&person, 13, "2026-03-02T11:00:00Z", 30.0),
    ];
    tell(&app, &events).await;
    expect_no_drift(&app).await;
    // Before any run: a theme is counted with its entry.
    let path = format!("/api/profiles/{}/themes", person.id);
    let music = async || {
        let themes = app.get(&path, Some(&person)).await.expect(200);
        let music = themes["items"].as_array().unwrap().iter().find(|theme| theme["theme"] == "music");
        music.map_or(0, |music| music["count"].as_i64().unwrap())
    };
    let before = music().await;
    assert_eq!(before, app.count("lib_entry_themes WHERE theme = 'music'").await);
    let last = app.rows("SELECT entry_id FROM lib_entry_themes WHERE theme = 'music' LIMIT 2").await;
    let entry = |place: usize| format!("/api/entries/{}", last[place]["entry_id"].as_str().unwrap());
    app.delete(&entry(0), Some(&person)).await.expect(204);
    assert_eq!(music().await, before - 1);
    // Another's words say nothing of the person.
    app.patch(&entry(1), Some(&person), &json!({"entryType": "excerpt"})).await.expect(200);
    assert_eq!(music().await, before - 2);
    tell(&app, &[deleted(&person, 11, 111)]).await;
    expect_no_drift(&app).await;
    analyse(&app, &person).await;
    expect_no_drift(&app).await;
    assert!(entries.len() > 2);

    let ledger = UserService::counters();
    for (table, column) in [
        ("usr_listening_days", "plays"),
        ("usr_listening_days", "seconds_heard"),
        ("usr_listening_days", "distinct_tracks"),
        ("usr_profile_theme_frequencies", "count"),
        ("usr_profiles", "longest_streak_days"),
    ] {
        app.execute(&format!("UPDATE {table} SET {column} = {column} + 1")).await;
        let drift = audit::drift(&app.database, &ledger).await.unwrap();
        let wrong: Vec<_> = drift.iter().map(|drift| (drift.counter.table, drift.counter.column)).collect();
        assert_eq!(wrong, [(table, column)]);
        audit::repair(&app.database, &ledger).await.unwrap();
        expect_no_drift(&app).await;
    }
}

/// A day that was ahead when its entry was written comes without anybody counting anew.
#[tokio::test]
async fn a_longest_run_of_days_may_be_what_it_was_before_a_day_that_has_come_since() {
    let app = spawn_app().await;
    let person = settled(&app).await;
    let (_, chapter) = book_of(&app, &person, "Notes").await;
    for _ in 0..2 {
        write(&app, &person, chapter, "A day.").await;
    }
    // Written five days ago, one of that day and one of the next.
    app.execute(
        "UPDATE lib_entries SET updated_at = now() - interval '5 days', user_date = now() - interval '5 days';
         UPDATE lib_entries SET user_date = now() - interval '4 days' WHERE id = (SELECT id FROM lib_entries ORDER BY id DESC LIMIT 1)",
    )
    .await;
    for (stored, is_good) in [(0, false), (1, true), (2, true), (3, false)] {
        app.execute(&format!(
            "UPDATE usr_profiles SET current_streak_days = 0, longest_streak_days = {stored}"
        ))
        .await;
        let drift = audit::drift(&app.database, &UserService::counters()).await.unwrap();
        assert_eq!(drift.is_empty(), is_good, "{stored}: {drift:#?}");
    }
    // A run counts anew, and from then on there is one truth.
    analyse(&app, &person).await;
    for (stored, is_good) in [(2, true), (1, false)] {
        app.execute(&format!(
            "UPDATE usr_profiles SET current_streak_days = 0, longest_streak_days = {stored}"
        ))
        .await;
        let drift = audit::drift(&app.database, &UserService::counters()).await.unwrap();
        assert_eq!(drift.is_empty(), is_good, "{stored}: {drift:#?}");
    }
}

//! Runs of the schedule: cut off, taken over, at night where nights are odd.

use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc};
use diesel_async::SimpleAsyncConnection;
use identity::Service;
use serde_json::{Value, json};
use test_utils::{Person, TestApp, Tokens};

use crate::books::{book_of, write};
use crate::helpers::{id_of, row, settled, spawn_app};
use crate::profiling::{analyse, diary, until_nothing_runs};

/// Runs the nightly job, and gives what it says.
pub(crate) async fn night(app: &TestApp) -> Value {
    let token = Tokens::service(Service::Music, Service::User);
    let request = app.http.post(format!("{}/internal/user/jobs/user.analyse-people/run", app.url));
    app.send(request.bearer_auth(&token)).await.expect(200)["report"].clone()
}

/// Puts everybody where it is some time after three at night.
async fn let_it_be_night(app: &TestApp) {
    let west = (i64::from(contracts::clock::now().hour()) - 4).rem_euclid(24);
    let zone = if west <= 12 { format!("Etc/GMT+{west}") } else { format!("Etc/GMT-{}", 24 - west) };
    app.execute(&format!("UPDATE usr_accounts SET timezone = '{zone}'")).await;
}

#[tokio::test]
async fn whoever_a_killed_run_left_behind_is_taken_up_by_the_next_tick() {
    let app = spawn_app().await;
    let (killed, at_work, done, failed) =
        (settled(&app).await, settled(&app).await, settled(&app).await, settled(&app).await);
    let_it_be_night(&app).await;
    // As a killed process leaves them, with what others have or are at.
    app.execute(&format!(
        "INSERT INTO usr_analysis_runs (id, user_id, trigger, status, started_at, finished_at, error, algorithm_version, counts)
         VALUES (gen_random_uuid(), '{}', 'schedule', 'running', now() - interval '20 minutes', NULL, NULL, 1, '{{}}'),
                (gen_random_uuid(), '{}', 'schedule', 'running', now() - interval '5 minutes', NULL, NULL, 1, '{{}}'),
                (gen_random_uuid(), '{}', 'schedule', 'completed', now() - interval '10 minutes', now(), NULL, 1, '{{}}'),
                (gen_random_uuid(), '{}', 'schedule', 'failed', now() - interval '10 minutes', now(), 'the database did not answer', 1, '{{}}')",
        killed.id, at_work.id, done.id, failed.id,
    ))
    .await;
    assert_eq!(night(&app).await, "2 people analysed, version 3");
    assert_eq!(night(&app).await, "0 people analysed, version 3");
    let of = |person: &Person| {
        let own = person.id;
        format!(
            "SELECT jsonb_agg(status ORDER BY started_at) AS runs FROM usr_analysis_runs WHERE user_id = '{own}'"
        )
    };
    for (person, runs) in [
        (&killed, json!(["failed", "completed"])),
        (&at_work, json!(["running"])),
        (&done, json!(["completed"])),
        (&failed, json!(["failed", "completed"])),
    ] {
        assert_eq!(row(&app, &of(person)).await["runs"], runs);
    }
    assert_eq!(app.count("usr_analysis_runs WHERE error = 'it was abandoned'").await, 1);
}

#[tokio::test]
async fn whoever_cannot_be_analysed_is_left_alone_after_three_failures() {
    let app = spawn_app().await;
    let person = settled(&app).await;
    let_it_be_night(&app).await;
    let failure = format!(
        "INSERT INTO usr_analysis_runs (id, user_id, trigger, status, started_at, finished_at, error, algorithm_version, counts)
         VALUES (gen_random_uuid(), '{}', 'schedule', 'failed', now(), now(), 'the analysis broke down', 1, '{{}}')",
        person.id
    );
    for _ in 0..3 {
        app.execute(&failure).await;
    }
    assert_eq!(night(&app).await, "0 people analysed, version 3");
    // Another night, another try.
    app.execute("UPDATE usr_analysis_runs SET started_at = started_at - interval '1 day'").await;
    assert_eq!(night(&app).await, "1 people analysed, version 3");
}

/// A zone, as POSIX writes them, whose clocks go from three to four in spring or from four to three in autumn, at an instant.
fn zone_that_changes(at: DateTime<Utc>, is_spring: bool) -> String {
    // Hours west of Greenwich, in winter.
    let west = i64::from(at.hour()) - 3;
    let day = |days: i64| {
        let day = (at - TimeDelta::hours(west) + TimeDelta::days(days)).date_naive();
        // Counted without leap days.
        day.ordinal() - u32::from(day.leap_year() && day.ordinal() > 60)
    };
    let (begins, ends) = if is_spring { (day(0), day(100)) } else { (day(-100), day(0)) };
    format!("AAA{west}BBB{},J{begins}/3,J{ends}/4", west - 1)
}

#[tokio::test]
async fn a_night_without_three_o_clock_has_its_run_and_one_with_two_has_one() {
    let app = spawn_app().await;
    let (spring, first, second) = (settled(&app).await, settled(&app).await, settled(&app).await);
    let now = contracts::clock::now();
    let hour =
        now - TimeDelta::minutes(i64::from(now.minute())) - TimeDelta::seconds(i64::from(now.second()));
    for (person, zone, shown) in [
        (&spring, zone_that_changes(hour, true), 4),
        // It is three o'clock for the first time, and for the second.
        (&first, zone_that_changes(hour + TimeDelta::hours(1), false), 3),
        (&second, zone_that_changes(hour, false), 3),
    ] {
        app.execute(&format!("UPDATE usr_accounts SET timezone = '{zone}' WHERE id = '{}'", person.id)).await;
        let clock =
            row(&app, &format!("SELECT extract(hour FROM now() AT TIME ZONE '{zone}') AS hour")).await;
        assert_eq!(clock, json!({"hour": shown}), "{zone}");
    }
    assert_eq!(night(&app).await, "2 people analysed, version 3");
    assert_eq!(night(&app).await, "0 people analysed, version 3");
    assert_eq!(app.count(&format!("usr_analysis_runs WHERE user_id = '{}'", first.id)).await, 0);
}

#[tokio::test]
async fn a_run_that_lost_its_claim_writes_nothing() {
    let app = spawn_app().await;
    let person = settled(&app).await;
    diary(&app, &person).await;
    let path = format!("/api/profiles/{}/analysis", person.id);
    // The person's turn is taken, so that the first run waits in the middle.
    let mut turn = app.database.connection().await.unwrap();
    let lock = format!("BEGIN; SELECT FROM usr_profiles WHERE user_id = '{}' FOR UPDATE", person.id);
    turn.batch_execute(&lock).await.unwrap();
    let first = app.post(&path, Some(&person), &json!(null)).await.expect(202);
    // What is said while it waits is there for whoever runs next.
    let checkin = json!({"mood": "calm", "emotionalIntensity": 3});
    app.post(&format!("/api/profiles/{}/checkins", person.id), Some(&person), &checkin).await.expect(201);
    assert!(app.post(&path, Some(&person), &json!(null)).await.expect_problem(409).is_empty());
    app.execute("UPDATE usr_analysis_runs SET started_at = now() - interval '16 minutes'").await;
    let second = app.post(&path, Some(&person), &json!(null)).await.expect(202);
    turn.batch_execute("COMMIT").await.unwrap();
    until_nothing_runs(&app).await;
    let run = async |run: &Value| {
        let path = format!("/api/profiles/{}/runs/{}", person.id, id_of(run));
        app.get(&path, Some(&person)).await.expect(200)
    };
    let (lost, done) = (run(&first).await, run(&second).await);
    assert_eq!((&lost["status"], &lost["error"]), (&json!("failed"), &json!("it was abandoned")));
    assert_eq!((&lost["watermark"], &lost["counts"]), (&json!(null), &json!({})));
    assert_eq!(done["status"], "completed");
    assert_eq!(done["counts"]["read"]["checkins"], 1);
    assert!(app.count("usr_insights").await > 0);
    assert_eq!(
        app.count(&format!("usr_insights WHERE run_id <> '{}'", id_of(&second))).await,
        0,
        "nothing of the first is left"
    );
}

#[tokio::test]
async fn what_could_not_be_read_is_read_again() {
    let app = spawn_app().await;
    let person = settled(&app).await;
    let (_, chapter) = book_of(&app, &person, "Notes").await;
    let entry = id_of(&write(&app, &person, chapter, "We sang and the music was wonderful.").await);
    let path = format!("/api/entries/{entry}");
    let read = app.get(&path, Some(&person)).await.expect(200);
    app.execute(
        "UPDATE lib_entries SET processing_status = 'failed', themes = '{}', language = 'und', word_count = 0,
             sentiment = NULL, sentiment_score = NULL, sentiment_reason = 'failed', emotional_intensity = NULL;
         DELETE FROM lib_entry_themes; DELETE FROM usr_profile_theme_frequencies",
    )
    .await;
    let run = analyse(&app, &person).await;
    assert_eq!(run["counts"]["read"]["again"], 1);
    let mut again = app.get(&path, Some(&person)).await.expect(200);
    again["updatedAt"] = read["updatedAt"].clone();
    assert_eq!(again, read);
    let themes = app.get(&format!("/api/profiles/{}/themes", person.id), Some(&person)).await.expect(200);
    assert!(themes["items"].as_array().unwrap().iter().any(|theme| theme["theme"] == "music"), "{themes}");
    assert_eq!(analyse(&app, &person).await["counts"]["read"]["again"], 0);
}

#[tokio::test]
async fn of_two_replicas_one_runs_a_job() {
    let app = spawn_app().await;
    let other = app.spawn_replica::<user_service::UserService>().await;
    let person = settled(&app).await;
    let_it_be_night(&app).await;
    // The person's turn is taken: the job is at it until it is given back.
    let mut turn = app.database.connection().await.unwrap();
    let lock = format!("BEGIN; SELECT FROM usr_profiles WHERE user_id = '{}' FOR UPDATE", person.id);
    turn.batch_execute(&lock).await.unwrap();
    let both = async {
        while app.count("usr_analysis_runs WHERE status = 'running'").await == 0 {}
        let token = Tokens::service(Service::Music, Service::User);
        let request = other.http.post(format!("{}/internal/user/jobs/user.analyse-people/run", other.url));
        assert!(other.send(request.bearer_auth(&token)).await.expect_problem(409).is_empty());
        turn.batch_execute("COMMIT").await.unwrap();
    };
    let (report, ()) = futures_util::join!(night(&app), both);
    assert_eq!(report, "1 people analysed, version 3");
    assert_eq!(night(&other).await, "0 people analysed, version 3");
    assert_eq!(app.count("usr_analysis_runs").await, 1);
}

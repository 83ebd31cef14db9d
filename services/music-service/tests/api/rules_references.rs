//! Rules that refer to playlists, and to weeks and months.

use chrono::{DateTime, Datelike, Days, NaiveTime, TimeDelta, Utc};
use serde_json::{Value, json};
use test_utils::{Person, TestApp};
use uuid::Uuid;

use crate::helpers::{TrackBuilder, spawn_app};
use crate::playlists::{add, make, path};
use crate::rules::{ids, smart, tracks};

const PLAYLISTS: &str = "/api/playlists";
const PREVIEW: &str = "/api/playlists/rules/preview";

#[tokio::test]
async fn rules_refer_to_playlists_that_their_owner_may_see_and_never_to_themselves() {
    let app = spawn_app().await;
    let (owner, other) = (app.person(), app.person());
    let tracks = tracks(&app, &owner, 3).await;
    let (mine, hidden) = (make(&app, &owner).await, make(&app, &other).await);
    add(&app, &owner, mine, tracks[1]).await;
    let on = |playlist: Uuid, op: &str| json!({"all": [{"field": "track", "op": op, "value": playlist}], "sort": [{"field": "title"}]});
    let first = smart(&app, &owner, "smart", &on(mine, "notInPlaylist")).await;
    assert_eq!(ids(&app, &owner, first).await, [json!(tracks[0]), json!(tracks[2])]);
    let second = smart(&app, &owner, "smart", &on(first, "inPlaylist")).await;
    assert_eq!(ids(&app, &owner, second).await, [json!(tracks[0]), json!(tracks[2])]);
    // Somebody else's list that was put away is as hidden as one that never was shown.
    let away = make(&app, &other).await;
    app.execute(&format!(
        "UPDATE mus_playlists SET visibility = 'public', status = 'archived' WHERE id = '{away}'"
    ))
    .await;
    for wrong in [hidden, away, Uuid::nil()] {
        let body = json!({"name": "x", "playlistType": "smart", "rules": on(wrong, "inPlaylist")});
        let refused = app.post(PLAYLISTS, Some(&owner), &body).await;
        assert_eq!(refused.expect_problem(422), ["/rules/all/0/value"]);
    }
    for target in [first, second] {
        let body = json!({"rules": on(target, "inPlaylist")});
        let refused = app.patch(&path(first, ""), Some(&owner), &body).await;
        assert_eq!(refused.expect_problem(422), ["/rules/all/0/value"]);
    }
    // What is gone stands for nothing.
    app.delete(&path(mine, ""), Some(&owner)).await.expect(204);
    assert_eq!(ids(&app, &owner, first).await.len(), 3);
}

fn on(playlist: Uuid) -> Value {
    json!({"all": [{"field": "track", "op": "inPlaylist", "value": playlist}]})
}

async fn refused(app: &TestApp, owner: &Person, playlist: Uuid, target: Uuid) -> Vec<String> {
    let body = json!({"rules": on(target)});
    app.patch(&path(playlist, ""), Some(owner), &body).await.expect_problem(422)
}

#[tokio::test]
async fn a_circle_of_any_length_is_refused_and_so_is_a_row_that_is_too_long() {
    let app = spawn_app().await;
    let owner = app.person();
    let tracks = tracks(&app, &owner, 1).await;
    let manual = make(&app, &owner).await;
    add(&app, &owner, manual, tracks[0]).await;
    // Five in a row, the first of them by hand.
    let mut row = vec![manual];
    for _ in 1..5 {
        row.push(smart(&app, &owner, "smart", &on(row[row.len() - 1])).await);
    }
    assert_eq!(ids(&app, &owner, row[4]).await, [json!(tracks[0])]);
    let fault = ["/rules/all/0/value"];
    for target in &row[1..] {
        assert_eq!(refused(&app, &owner, row[1], *target).await, fault);
    }
    let body = json!({"name": "x", "playlistType": "smart", "rules": on(row[4])});
    let sixth = app.post(PLAYLISTS, Some(&owner), &body).await;
    assert_eq!(sixth.expect_problem(422), fault);
    // What may not be kept may not be tried out either.
    let tried = app.post(PREVIEW, Some(&owner), &json!({"rules": on(row[4])})).await;
    assert_eq!(tried.expect_problem(422), fault);
    let answer = app.post(PREVIEW, Some(&owner), &json!({"rules": on(row[3])})).await.expect(200);
    assert_eq!(answer["tracks"][0]["id"], json!(tracks[0]));
}

/// When the week and the month began in a zone that is always so many hours from UTC.
fn beginnings(now: DateTime<Utc>, hours: i64) -> [(&'static str, DateTime<Utc>); 2] {
    let today = (now + TimeDelta::hours(hours)).date_naive();
    let monday = today - Days::new(today.weekday().num_days_from_monday().into());
    let first = today.with_day(1).unwrap();
    let begins = |day: chrono::NaiveDate| day.and_time(NaiveTime::MIN).and_utc() - TimeDelta::hours(hours);
    [("thisIsoWeek", begins(monday)), ("thisMonth", begins(first))]
}

#[tokio::test]
async fn weeks_and_months_begin_where_the_owner_is() {
    let app = spawn_app().await;
    let owner = app.person();
    for (zone, hours) in [("Pacific/Kiritimati", 14), ("Pacific/Pago_Pago", -11), ("UTC", 0)] {
        for (span, begins) in beginnings(contracts::clock::now(), hours) {
            app.execute("DELETE FROM mus_results; DELETE FROM mus_tracks").await;
            let mut tracks = Vec::new();
            for added in [begins, begins - TimeDelta::microseconds(1)] {
                let track = TrackBuilder::of(&owner).insert(&app).await;
                app.execute(&format!("UPDATE mus_tracks SET created_at = '{added}' WHERE id = '{track}'"))
                    .await;
                tracks.push(json!(track));
            }
            for (op, expected) in [("inTheLast", &tracks[0]), ("notInTheLast", &tracks[1])] {
                let test = json!({"field": "addedAt", "op": op, "value": span});
                let body = json!({"rules": {"all": [test], "timezone": zone}});
                let answer = app.post(PREVIEW, Some(&owner), &body).await.expect(200);
                assert_eq!(
                    (&answer["count"], &answer["tracks"][0]["id"]),
                    (&json!(1), expected),
                    "{zone} {body}"
                );
            }
        }
    }
}

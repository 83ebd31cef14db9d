//! The recorder when it cannot keep up, and when the database takes one play of many only.

use std::collections::HashSet;

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use reqwest::Method;
use serde_json::{Value, json};
use test_utils::Answer;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::counters::expect_no_drift;
use crate::helpers::{TrackBuilder, row, spawn_app};

const TRACK_PLAY: &str = "/api/library/track-play";
const TRACK_PLAYS: &str = "/api/library/track-plays";
/// Together more than wait and are written at once, by several requests.
const BATCHES: usize = 15;

fn batch(track: Uuid) -> (Vec<Uuid>, Value) {
    let ids: Vec<Uuid> = (0..1000).map(|_| contracts::ids::new_id()).collect();
    let plays: Vec<_> =
        ids.iter().map(|id| json!({"trackId": track, "playId": id, "duration": 100})).collect();
    (ids, json!({"plays": plays}))
}

/// Which plays of a batch were acknowledged; the others were refused for now.
fn acknowledged(ids: &[Uuid], (status, body): (u16, Value)) -> Vec<Uuid> {
    if status == 503 {
        return Vec::new();
    }
    assert_eq!(status, 200, "{body}");
    let items = body["items"].as_array().unwrap().iter().zip(ids);
    let stored = items.filter(|(item, _)| {
        let is_stored = item["verdict"] == "recorded";
        assert!(is_stored || item["problem"]["status"] == 503, "{item}");
        is_stored
    });
    stored.map(|(_, id)| *id).collect()
}

fn expect_full(answer: Answer) {
    assert!(answer.header("retry-after").parse::<u32>().unwrap() > 0);
    assert!(answer.expect_problem(503).is_empty());
}

#[tokio::test]
async fn what_is_acknowledged_is_stored_and_what_does_not_fit_is_refused() {
    let app = spawn_app().await;
    let listener = app.person();
    let track = TrackBuilder::of(&listener).insert(&app).await;
    let mut blocker = AsyncPgConnection::establish(app.database_url()).await.unwrap();
    blocker.batch_execute("BEGIN; LOCK TABLE mus_recently_played IN ACCESS EXCLUSIVE MODE").await.unwrap();

    let mut batches = JoinSet::new();
    for _ in 0..BATCHES {
        let (ids, body) = batch(track);
        let request = app.request(Method::POST, TRACK_PLAYS, Some(&listener)).json(&body);
        batches.spawn(async move {
            let answer = request.send().await.unwrap();
            let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
            let bytes = answer.bytes().await.unwrap().to_vec();
            (ids, Answer { status, headers, bytes })
        });
    }
    // Nothing is written, so the first answer is that of a batch that found no place at all.
    let (refused, answer) = batches.join_next().await.unwrap().unwrap();
    expect_full(answer);
    expect_full(app.post(TRACK_PLAY, Some(&listener), &json!({"trackId": track})).await);
    blocker.batch_execute("ROLLBACK").await.unwrap();

    let mut stored = HashSet::new();
    while let Some(answered) = batches.join_next().await {
        let (ids, answer) = answered.unwrap();
        stored.extend(acknowledged(&ids, (answer.status, answer.json())));
    }
    assert!(stored.len() >= 10_000, "{}", stored.len());
    let rows = app.rows("SELECT play_id FROM mus_recently_played").await;
    let rows: HashSet<Uuid> =
        rows.iter().map(|row| row["play_id"].as_str().unwrap().parse().unwrap()).collect();
    assert_eq!(rows, stored);
    expect_no_drift(&app).await;

    // Who was refused comes again.
    let again: Vec<_> =
        refused.iter().map(|id| json!({"trackId": track, "playId": id, "duration": 100})).collect();
    let answer = app.post(TRACK_PLAYS, Some(&listener), &json!({"plays": again})).await.expect(200);
    assert!(answer["items"].as_array().unwrap().iter().all(|item| item["verdict"] == "recorded"));
}

#[tokio::test]
async fn a_play_that_the_database_refuses_takes_no_other_with_it() {
    let app = spawn_app().await;
    let listener = app.person();
    let good = TrackBuilder::of(&listener).insert(&app).await;
    let bad = TrackBuilder::of(&listener).insert(&app).await;
    app.execute(&format!(
        "CREATE FUNCTION break_play() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN IF NEW.track_id = '{bad}' THEN RAISE 'a secret of the database'; END IF; RETURN NEW; END $$;
         CREATE TRIGGER break_play BEFORE INSERT ON mus_recently_played FOR EACH ROW EXECUTE FUNCTION break_play()",
    ))
    .await;
    let body =
        json!({"plays": [{"trackId": good}, {"trackId": bad}, {"trackId": Uuid::nil()}, {"trackId": good}]});
    let answer = app.post(TRACK_PLAYS, Some(&listener), &body).await.expect(200);
    let items = answer["items"].as_array().unwrap();
    let verdicts: Vec<_> = items.iter().map(|item| item["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["recorded", "rejected", "rejected", "recorded"]);
    let statuses: Vec<_> =
        items[1..3].iter().map(|item| item["problem"]["status"].as_i64().unwrap()).collect();
    assert_eq!(statuses, [500, 404]);
    assert!(!answer.to_string().contains("secret"));
    assert_eq!(app.count("mus_recently_played").await, 2);
    let counted = format!("SELECT play_count FROM mus_tracks WHERE id = '{good}'");
    assert_eq!(row(&app, &counted).await["play_count"], 2);
    // Where nothing could be stored, the request has failed.
    let alone = app.post(TRACK_PLAYS, Some(&listener), &json!({"plays": [{"trackId": bad}]})).await;
    assert!(alone.expect_problem(500).is_empty());
}

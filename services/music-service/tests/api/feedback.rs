//! Feedback: one word of each person on each track.

use contracts::Role;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use test_utils::{Answer, Person, TestApp, Tokens};
use uuid::Uuid;

use crate::helpers::{TrackBuilder, row, spawn_app};

async fn put(app: &TestApp, who: &Person, track: Uuid, body: &Value) -> Answer {
    let path = format!("/api/library/track/{track}/feedback");
    app.send(app.request(Method::PUT, &path, Some(who)).json(body)).await
}

#[tokio::test]
async fn what_is_said_can_be_read_replaced_and_taken_back() {
    let app = spawn_app().await;
    let (owner, listener) = (app.person(), app.person());
    let track = TrackBuilder::of(&owner).public().insert(&app).await;
    let path = format!("/api/library/track/{track}/feedback");
    app.get(&path, Some(&listener)).await.expect(404);
    let said =
        put(&app, &listener, track, &json!({"wasHelpful": true, "context": "On a walk"})).await.expect(200);
    assert_eq!((&said["wasHelpful"], &said["context"]), (&json!(true), &json!("On a walk")));
    assert_eq!(app.get(&path, Some(&listener)).await.expect(200), said);
    app.get(&path, Some(&owner)).await.expect(404);

    let said = put(&app, &listener, track, &json!({"wasHelpful": false})).await.expect(200);
    assert_eq!((&said["wasHelpful"], &said["context"]), (&json!(false), &Value::Null));
    let stored = row(&app, "SELECT user_id, track_id, was_helpful, context FROM mus_track_feedback").await;
    assert_eq!(
        stored,
        json!({"user_id": listener.id, "track_id": track, "was_helpful": false, "context": null})
    );
    // What one has said can be taken back when the track is gone, too.
    app.execute("UPDATE mus_tracks SET status = 'deleted', deleted_at = now()").await;
    put(&app, &listener, track, &json!({"wasHelpful": true})).await.expect(404);
    app.delete(&path, Some(&listener)).await.expect(204);
    app.delete(&path, Some(&listener)).await.expect(404);
    assert_eq!(app.count("mus_track_feedback").await, 0);
}

#[tokio::test]
async fn what_is_wrong_or_hidden_leaves_nothing() {
    let app = spawn_app().await;
    let (owner, other) = (app.person(), app.person());
    let track = TrackBuilder::of(&owner).insert(&app).await;
    for (body, pointer) in [
        (json!({"wasHelpful": true, "context": "x".repeat(501)}), "/context"),
        (json!({"wasHelpful": true, "context": " "}), "/context"),
        (json!({"wasHelpful": "yes"}), "/wasHelpful"),
    ] {
        assert_eq!(put(&app, &owner, track, &body).await.expect_problem(422), [pointer]);
    }
    put(&app, &owner, track, &json!({})).await.expect(422);
    for hidden in [track, contracts::ids::new_id()] {
        put(&app, &other, hidden, &json!({"wasHelpful": true})).await.expect(404);
    }
    assert_eq!(app.count("mus_track_feedback").await, 0);
}

#[tokio::test]
async fn said_by_many_hands_at_once_it_is_one_word() {
    let app = spawn_app().await;
    let listener = app.person();
    let track = TrackBuilder::of(&listener).insert(&app).await;
    let bodies = [true, false].map(|was_helpful| json!({"wasHelpful": was_helpful}));
    let puts = (0..30).map(|number| put(&app, &listener, track, &bodies[number % 2]));
    assert!(join_all(puts).await.iter().all(|answer| answer.status == 200));
    assert_eq!(app.count("mus_track_feedback").await, 1);
    let summary =
        app.get(&format!("/api/library/tracks/{track}/feedback"), Some(&listener)).await.expect(200);
    assert_eq!(summary["helpful"].as_i64().unwrap() + summary["notHelpful"].as_i64().unwrap(), 1);
}

#[tokio::test]
async fn the_owner_reads_numbers_and_situations_without_names() {
    let app = spawn_app().await;
    let owner = app.person();
    let track = TrackBuilder::of(&owner).public().insert(&app).await;
    let path = format!("/api/library/tracks/{track}/feedback");
    let mut people = Vec::new();
    for number in 0..5 {
        let person = app.person();
        let body = json!({"wasHelpful": number > 1, "context": format!("situation {number}")});
        put(&app, &person, track, &body).await.expect(200);
        people.push(person);
    }
    put(&app, &app.person(), track, &json!({"wasHelpful": true})).await.expect(200);
    let first = app.get(&format!("{path}?limit=3"), Some(&owner)).await;
    let text = String::from_utf8(first.bytes.clone()).unwrap();
    let first = first.expect(200);
    assert_eq!((&first["helpful"], &first["notHelpful"]), (&json!(4), &json!(2)));
    let contexts = |page: &Value| -> Vec<Value> {
        page["items"].as_array().unwrap().iter().map(|item| item["context"].clone()).collect()
    };
    assert_eq!(contexts(&first), ["situation 4", "situation 3", "situation 2"]);
    assert!(people.iter().all(|person| !text.contains(&person.id.to_string())));
    let next = format!("{path}?limit=3&cursor={}", first["nextCursor"].as_str().unwrap());
    let second = app.get(&next, Some(&owner)).await.expect(200);
    assert_eq!(contexts(&second), ["situation 1", "situation 0"]);
    assert_eq!(second["nextCursor"], Value::Null);

    for (who, status) in
        [(&people[0], 403), (&Tokens::person(Role::Librarian), 403), (&Tokens::person(Role::Admin), 200)]
    {
        assert_eq!(app.get(&path, Some(who)).await.status, status);
    }
    let hidden = TrackBuilder::of(&owner).insert(&app).await;
    app.get(&format!("/api/library/tracks/{hidden}/feedback"), Some(&people[0])).await.expect(404);
    app.get(&format!("{path}?cursor=x"), Some(&owner)).await.expect(400);
}

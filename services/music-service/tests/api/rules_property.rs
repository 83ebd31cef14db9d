//! Generated rules against a naive evaluator: what the query gives is what a person with paper and patience would find.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use test_utils::{Person, TestApp};
use uuid::Uuid;

use crate::helpers::{TrackBuilder, spawn_app};

const CASES: usize = 300;
const TRACKS: usize = 24;

/// A track as the evaluator knows it.
#[derive(Debug, Clone)]
struct Known {
    id: Uuid,
    title: String,
    mood: Option<String>,
    genres: Vec<String>,
    explicit: bool,
    duration: f64,
    plays: Vec<f64>,
    rating: Option<i64>,
    liked: bool,
}

fn word() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["rain", "Rain song", "sun", "moon", "in the moon", "a"])
}

fn known() -> impl Strategy<Value = Known> {
    let heard = prop::collection::vec(prop::sample::select(vec![0.0, 0.25, 0.5, 1.0]), 0..4);
    let favorite = prop::option::of(prop::option::of(1..=5_i64));
    (
        word(),
        prop::option::of(word()),
        prop::collection::vec(word(), 0..3),
        any::<bool>(),
        1..6_u32,
        heard,
        favorite,
    )
        .prop_map(|(title, mood, genres, explicit, minutes, plays, favorite)| Known {
            id: Uuid::nil(),
            title: title.to_owned(),
            mood: mood.map(str::to_owned),
            genres: genres.into_iter().map(str::to_owned).collect(),
            explicit,
            duration: f64::from(minutes) * 60.0,
            plays,
            rating: favorite.flatten(),
            liked: favorite.is_some(),
        })
}

fn test() -> impl Strategy<Value = Value> {
    let text = (
        prop::sample::select(vec!["title", "mood", "genre"]),
        prop::sample::select(vec!["is", "isNot", "contains", "notContains", "startsWith", "endsWith"]),
        word(),
    )
        .prop_map(|(field, op, value)| json!({"field": field, "op": op, "value": value}));
    let present =
        (prop::sample::select(vec!["mood", "genre"]), prop::sample::select(vec!["isPresent", "isMissing"]))
            .prop_map(|(field, op)| json!({"field": field, "op": op}));
    let number = (
        prop::sample::select(vec!["playCount", "rating", "completion", "duration", "skipCount"]),
        prop::sample::select(vec!["is", "isNot", "gt", "gte", "lt", "lte"]),
        prop::sample::select(vec![0.0, 0.5, 1.0, 2.0, 3.0, 120.0]),
    )
        .prop_map(|(field, op, value)| json!({"field": field, "op": op, "value": value}));
    let range = (prop::sample::select(vec!["playCount", "rating"]), 0..3_i64, 0..3_i64).prop_map(
        |(field, from, more)| json!({"field": field, "op": "inRange", "value": [from, from + more]}),
    );
    let yes = (prop::sample::select(vec!["liked", "explicit"]), any::<bool>())
        .prop_map(|(field, value)| json!({"field": field, "op": "is", "value": value}));
    prop_oneof![text, present, number, range, yes]
}

fn condition() -> impl Strategy<Value = Value> {
    test().prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|all| json!({"all": all})),
            prop::collection::vec(inner.clone(), 0..4).prop_map(|any| json!({"any": any})),
            inner.prop_map(|not| json!({"not": not})),
        ]
    })
}

fn holds(track: &Known, condition: &Value) -> bool {
    if let Some(all) = condition["all"].as_array() {
        return all.iter().all(|condition| holds(track, condition));
    }
    if let Some(any) = condition["any"].as_array() {
        return any.iter().any(|condition| holds(track, condition));
    }
    if let Some(not) = condition.get("not") {
        return !holds(track, not);
    }
    let (field, op, value) =
        (condition["field"].as_str().unwrap(), condition["op"].as_str().unwrap(), &condition["value"]);
    let count = |counted: usize| f64::from(u32::try_from(counted).unwrap());
    let mean =
        if track.plays.is_empty() { 0.0 } else { track.plays.iter().sum::<f64>() / count(track.plays.len()) };
    let skips = track.plays.iter().filter(|rate| **rate * track.duration < 30.0 && **rate < 0.5).count();
    match field {
        "title" => text_holds(&[track.title.as_str()], op, value),
        "mood" => text_holds(&track.mood.iter().map(String::as_str).collect::<Vec<_>>(), op, value),
        "genre" => text_holds(&track.genres.iter().map(String::as_str).collect::<Vec<_>>(), op, value),
        "liked" => track.liked == value.as_bool().unwrap(),
        "explicit" => track.explicit == value.as_bool().unwrap(),
        "playCount" => number_holds(count(track.plays.len()), op, value),
        "completion" => number_holds(mean, op, value),
        "skipCount" => number_holds(count(skips), op, value),
        "duration" => number_holds(track.duration, op, value),
        "rating" => number_holds(count(usize::try_from(track.rating.unwrap_or(0)).unwrap()), op, value),
        other => panic!("{other}"),
    }
}

fn text_holds(texts: &[&str], op: &str, value: &Value) -> bool {
    let wanted = value.as_str().unwrap_or_default().to_lowercase();
    let some = |ask: &dyn Fn(&str) -> bool| texts.iter().any(|text| ask(&text.to_lowercase()));
    match op {
        "is" => some(&|text| text == wanted),
        "isNot" => !some(&|text| text == wanted),
        "contains" => some(&|text| text.contains(&wanted)),
        "notContains" => !some(&|text| text.contains(&wanted)),
        "startsWith" => some(&|text| text.starts_with(&wanted)),
        "endsWith" => some(&|text| text.ends_with(&wanted)),
        "isPresent" => !texts.is_empty(),
        "isMissing" => texts.is_empty(),
        other => panic!("{other}"),
    }
}

fn number_holds(number: f64, op: &str, value: &Value) -> bool {
    if op == "inRange" {
        return (value[0].as_f64().unwrap()..=value[1].as_f64().unwrap()).contains(&number);
    }
    let value = value.as_f64().unwrap();
    match op {
        "is" => number == value,
        "isNot" => number != value,
        "gt" => number > value,
        "gte" => number >= value,
        "lt" => number < value,
        "lte" => number <= value,
        other => panic!("{other}"),
    }
}

async fn store(app: &TestApp, owner: &Person, mut track: Known) -> Known {
    track.id = TrackBuilder::of(owner).lasting(track.duration).insert(app).await;
    let words =
        |words: &[String]| words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(", ");
    app.execute(&format!(
        "UPDATE mus_tracks SET title = '{}', mood = {}, genres = ARRAY[{}]::text[], is_explicit = {} WHERE id = '{}'",
        track.title,
        track.mood.as_ref().map_or("NULL".to_owned(), |mood| format!("'{mood}'")),
        words(&track.genres),
        track.explicit,
        track.id,
    ))
    .await;
    for rate in &track.plays {
        let body = json!({"trackId": track.id, "completionRate": rate, "duration": rate * track.duration});
        app.post("/api/library/track-play", Some(owner), &body).await.expect(201);
    }
    if track.liked {
        app.post(&format!("/api/library/track/{}/like", track.id), Some(owner), &json!(null))
            .await
            .expect(200);
        let path = format!("/api/library/track/{}/favorite/rating", track.id);
        app.patch(&path, Some(owner), &json!({"rating": track.rating})).await.expect(200);
    }
    track
}

#[tokio::test]
async fn the_query_gives_what_a_naive_evaluator_finds() {
    let app = spawn_app().await;
    let owner = app.person();
    let mut runner = TestRunner::deterministic();
    let mut library = Vec::new();
    for _ in 0..TRACKS {
        let track = known().new_tree(&mut runner).unwrap().current();
        library.push(store(&app, &owner, track).await);
    }
    let (mut empty, mut full) = (0, 0);
    for _ in 0..CASES {
        let rules = condition().new_tree(&mut runner).unwrap().current();
        let answer = app.post("/api/playlists/rules/preview", Some(&owner), &json!({"rules": rules})).await;
        let answer = answer.expect(200);
        // The newest first.
        let wanted: Vec<_> =
            library.iter().rev().filter(|track| holds(track, &rules)).map(|track| json!(track.id)).collect();
        assert_eq!(answer["count"], json!(wanted.len()), "{rules}");
        let found: Vec<_> =
            answer["tracks"].as_array().unwrap().iter().map(|track| track["id"].clone()).collect();
        assert_eq!(found, wanted[..wanted.len().min(20)], "{rules}");
        empty += usize::from(wanted.is_empty());
        full += usize::from(wanted.len() == TRACKS);
    }
    // Rules that nothing or everything holds would prove little.
    assert!(CASES - empty - full > CASES / 3, "{empty} empty, {full} full");
}

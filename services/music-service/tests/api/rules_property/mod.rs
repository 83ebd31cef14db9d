//! Generated rules against a naive evaluator: what the query gives is what a person with paper and patience would find.

mod generated;
mod world;

use std::collections::BTreeSet;

use contracts::music::rules::Field;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use self::generated::{condition, plan};
use self::world::{World, ZONE};
use crate::rules_table::operators_of;

const CASES: usize = 600;
const TRACKS: usize = 24;

/// The questions in a condition: fields with operators.
fn asked(condition: &Value, into: &mut BTreeSet<(String, String)>) {
    match condition {
        Value::Object(test) if test.contains_key("field") => {
            let name = |key: &str| test[key].as_str().unwrap().to_owned();
            into.insert((name("field"), name("op")));
        }
        Value::Object(group) => group.values().for_each(|inner| asked(inner, into)),
        Value::Array(items) => items.iter().for_each(|inner| asked(inner, into)),
        _ => {}
    }
}

#[tokio::test]
async fn the_query_gives_what_a_naive_evaluator_finds() {
    let mut world = World::new().await;
    let mut runner = TestRunner::deterministic();
    for _ in 0..TRACKS {
        let plan = plan().new_tree(&mut runner).unwrap().current();
        world.store(plan).await;
    }
    let (mut empty, mut full, mut questions) = (0, 0, BTreeSet::new());
    for _ in 0..CASES {
        let condition = condition().new_tree(&mut runner).unwrap().current();
        asked(&condition, &mut questions);
        let condition = world.filled(&condition);
        let mut rules = condition.clone();
        rules["timezone"] = json!(ZONE.0);
        let body = json!({"rules": rules});
        let answer = world.app.post("/api/playlists/rules/preview", Some(&world.me), &body).await.expect(200);
        // The newest first.
        let holding = world.library.iter().rev().filter(|(_, plan)| world.holds(plan, &condition));
        let wanted: Vec<_> = holding.map(|(id, _)| json!(id)).collect();
        assert_eq!(answer["count"], json!(wanted.len()), "{rules}");
        let found: Vec<_> =
            answer["tracks"].as_array().unwrap().iter().map(|track| track["id"].clone()).collect();
        assert_eq!(found, wanted[..wanted.len().min(20)], "{rules}");
        empty += usize::from(wanted.is_empty());
        full += usize::from(wanted.len() == TRACKS);
    }
    // Rules that nothing or everything holds would prove little.
    assert!(CASES - empty - full > CASES / 3, "{empty} empty, {full} full");
    let known: usize = Field::ALL.iter().map(|(_, _, kind)| operators_of(*kind).len()).sum();
    assert_eq!(questions.len(), known, "{questions:?}");
}

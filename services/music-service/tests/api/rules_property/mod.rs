//! Generated rules against a naive evaluator: what the query gives is what a person with paper and patience would find.

mod generated;
mod world;

use contracts::music::rules::Field;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::json;

use self::generated::{condition, plan, question};
use self::world::{World, ZONE};
use crate::rules_table::operators_of;

const CASES: usize = 600;
const TRACKS: usize = 24;

#[tokio::test]
async fn the_query_gives_what_a_naive_evaluator_finds() {
    let mut world = World::new().await;
    let mut runner = TestRunner::deterministic();
    for _ in 0..TRACKS {
        let plan = plan().new_tree(&mut runner).unwrap().current();
        world.store(plan).await;
    }
    // Each question of each field alone, then any of them together.
    let questions = Field::ALL.into_iter().flat_map(|(name, _, kind)| {
        operators_of(kind).iter().map(move |op| question(name, kind, op).boxed())
    });
    let conditions = questions.chain((0..CASES).map(|_| condition().boxed()));
    let (mut cases, mut empty, mut full) = (0, 0, 0);
    for condition in conditions {
        let condition = world.filled(&condition.new_tree(&mut runner).unwrap().current());
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
        cases += 1;
        empty += usize::from(wanted.is_empty());
        full += usize::from(wanted.len() == TRACKS);
    }
    // Rules that nothing or everything holds would prove little.
    assert!(cases - empty - full > cases / 3, "{empty} empty, {full} full");
}

//! Reflections, and what follows from reactions to patterns.

use futures_util::FutureExt;
use futures_util::future::join_all;
use serde_json::{Value, json};
use test_utils::{Answer, Person, TestApp, Tokens};

use crate::counters::expect_no_drift;
use crate::helpers::{row, settled, spawn_app};
use crate::profiling::{analyse, diary};

async fn begin(app: &TestApp, person: &Person) -> String {
    let answer = app.post("/api/reflections", Some(person), &json!({})).await;
    let location = answer.header("location").to_owned();
    answer.expect(201);
    location
}

async fn answer(app: &TestApp, person: &Person, path: &str, turn: usize, response: &str) -> Answer {
    let request = app.request(reqwest::Method::PUT, &format!("{path}/turns/{turn}"), Some(person));
    app.send(request.json(&json!({"response": response, "isBreakthrough": turn == 2}))).await
}

#[tokio::test]
async fn a_reflection_from_its_first_question_to_its_last() {
    let app = spawn_app().await;
    let person = settled(&app).await;
    let path = begin(&app, &person).await;
    let first = app.get(&path, Some(&person)).await.expect(200);
    assert_eq!(first["turns"][0]["question"], "What stays with you of today?");
    app.execute("UPDATE usr_reflection_turns SET asked_at = asked_at - interval '90 seconds'").await;
    let said = "The office again, and I hate the terrible meetings with my boss.";
    let second = answer(&app, &person, &path, 1, said).await.expect(200);
    let turn = &second["turns"][0];
    assert_eq!(turn["followUps"][0], "You speak of work. What about it matters to you?");
    assert_eq!(second["turns"][1]["question"], turn["followUps"][0]);
    assert!(turn["responseTimeMs"].as_i64().unwrap() >= 90_000, "{turn}");
    let stored = row(
        &app,
        "SELECT response, is_breakthrough, engagement_level, language, word_count, sentiment_score < 0 AS is_bad,
                emotional_intensity BETWEEN 2 AND 10 AS is_felt, 'work' = ANY (themes) AS is_about_work,
                submitted_at > asked_at AS is_later
         FROM usr_reflection_turns WHERE turn_number = 1",
    )
    .await;
    let expected = json!({"response": said, "is_breakthrough": false, "engagement_level": 1, "language": "en",
        "word_count": 12, "is_bad": true, "is_felt": true, "is_about_work": true, "is_later": true});
    assert_eq!(stored, expected);
    for turn in 2..=10 {
        answer(&app, &person, &path, turn, "It was on the table.").await.expect(200);
    }
    let last = app.get(&path, Some(&person)).await.expect(200);
    assert_eq!(last["turns"].as_array().unwrap().len(), 10);
    assert_eq!(last["turns"][1]["isBreakthrough"], true);
    assert!(last["completedAt"].is_string(), "{last}");
    // The next one begins with another question.
    let next = begin(&app, &person).await;
    let next = app.get(&next, Some(&person)).await.expect(200);
    assert_ne!(next["turns"][0]["question"], first["turns"][0]["question"]);
    let page = app.get("/api/reflections?limit=1", Some(&person)).await.expect(200);
    assert_eq!((&page["items"][0]["id"], &page["items"][0]["answers"]), (&next["id"], &json!(0)));
    let cursor = page["nextCursor"].as_str().unwrap();
    let page = app.get(&format!("/api/reflections?limit=1&cursor={cursor}"), Some(&person)).await.expect(200);
    assert_eq!((&page["items"][0]["id"], &page["items"][0]["answers"]), (&last["id"], &json!(10)));
    let profile = app.get(&format!("/api/profiles/{}", person.id), Some(&person)).await.expect(200);
    assert_eq!(profile["totalReflections"], 2);
    expect_no_drift(&app).await;
}

#[tokio::test]
async fn of_many_answers_at_once_one_is_taken_and_asks_the_next_question_once() {
    let app = spawn_app().await;
    let person = settled(&app).await;
    let path = begin(&app, &person).await;
    let many = (0..16).map(|number| {
        let (app, person, path) = (&app, &person, &path);
        async move { answer(app, person, path, 1, &format!("Answer {}.", number % 4)).await }.boxed_local()
    });
    let answers = join_all(many).await;
    let stored = row(&app, "SELECT response FROM usr_reflection_turns WHERE turn_number = 1").await;
    let taken = answers.iter().filter(|answer| answer.status == 200).count();
    // Who said the same is told the same.
    assert_eq!(taken, 4, "{stored}");
    assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 409)));
    assert_eq!(app.count("usr_reflection_turns").await, 2);
    let begun = (0..16).map(|_| begin(&app, &person).boxed_local());
    join_all(begun).await;
    assert_eq!(app.count("usr_reflections").await, 17);
    expect_no_drift(&app).await;
}

#[tokio::test]
async fn reflections_are_refused_and_kept_from_others() {
    let app = spawn_app().await;
    let (person, other) = (settled(&app).await, settled(&app).await);
    let admin = Tokens::person(contracts::Role::Admin);
    let path = begin(&app, &person).await;
    let nothing = json!({});
    for answer in [
        app.get(&path, Some(&other)).await,
        app.delete(&path, Some(&other)).await,
        app.post(&format!("{path}/complete"), Some(&other), &nothing).await,
        answer(&app, &other, &path, 1, "Mine.").await,
        answer(&app, &person, &path, 2, "Not asked yet.").await,
        answer(&app, &person, &path, 0, "Never asked.").await,
        // A person without an account.
        app.post("/api/reflections", Some(&admin), &nothing).await,
    ] {
        assert!(answer.expect_problem(404).is_empty());
    }
    app.get(&path, Some(&admin)).await.expect(200);
    assert_eq!(app.get("/api/reflections", Some(&other)).await.expect(200)["items"], json!([]));
    for turn in ["one", "99999999999"] {
        let request = app.request(reqwest::Method::PUT, &format!("{path}/turns/{turn}"), Some(&person));
        assert!(app.send(request.json(&json!({"response": "x"}))).await.expect_problem(400).is_empty());
    }
    for (response, pointer) in [(" ", "/response"), ("a\u{0}", "/response")] {
        assert_eq!(answer(&app, &person, &path, 1, response).await.expect_problem(422), [pointer]);
    }
    let foreign = json!({"patternId": contracts::ids::new_id()});
    assert_eq!(
        app.post("/api/reflections", Some(&person), &foreign).await.expect_problem(422),
        ["/patternId"]
    );
    let checkin = json!({"mood": "calm", "linkedReflectionId": path.rsplit('/').next()});
    let refused = app.post(&format!("/api/profiles/{}/checkins", other.id), Some(&other), &checkin).await;
    assert_eq!(refused.expect_problem(422), ["/linkedReflectionId"]);

    answer(&app, &person, &path, 1, "Once.").await.expect(200);
    answer(&app, &person, &path, 1, "Once.").await.expect(200);
    assert!(answer(&app, &person, &path, 1, "Twice.").await.expect_problem(409).is_empty());
    let done = app.post(&format!("{path}/complete"), Some(&person), &nothing).await.expect(200);
    assert_eq!(app.post(&format!("{path}/complete"), Some(&person), &nothing).await.expect(200), done);
    assert!(answer(&app, &person, &path, 2, "Too late.").await.expect_problem(409).is_empty());
    assert_eq!(app.count("usr_reflection_turns WHERE response IS NOT NULL").await, 1);
    assert_eq!(app.delete(&path, Some(&person)).await.status, 204);
    assert!(app.delete(&path, Some(&person)).await.expect_problem(404).is_empty());
    assert_eq!(app.count("usr_reflection_turns").await, 0);
    expect_no_drift(&app).await;
}

#[tokio::test]
async fn reactions_lead_to_reflections_and_insights() {
    let app = spawn_app().await;
    let person = settled(&app).await;
    diary(&app, &person).await;
    analyse(&app, &person).await;
    let path = format!("/api/profiles/{}", person.id);
    let patterns = app.get(&format!("{path}/patterns"), Some(&person)).await.expect(200);
    let calm = patterns["items"].as_array().unwrap().iter().find(|p| p["patternKey"] == "mood:calm").unwrap();
    let reaction = format!("{path}/patterns/{}/reaction", calm["id"].as_str().unwrap());
    let react =
        async |word: &str| app.post(&reaction, Some(&person), &json!({"reaction": word})).await.expect(200);
    // Curious twice: one reflection, which begins with the pattern's question.
    let curious = react("curious").await;
    assert_eq!(react("curious").await["followUpReflectionId"], curious["followUpReflectionId"]);
    let reflection = format!("/api/reflections/{}", curious["followUpReflectionId"].as_str().unwrap());
    let asked = app.get(&reflection, Some(&person)).await.expect(200);
    assert_eq!(
        (&asked["turns"][0]["question"], &asked["patternId"]),
        (&calm["explorationPrompt"], &calm["id"])
    );
    // What was told of it is said to be so; where nothing is told, the person's word makes it.
    let resonates = react("resonates").await;
    let known = row(&app, "SELECT id, validated_by FROM usr_insights WHERE validated_at IS NOT NULL").await;
    assert_eq!(known, json!({"id": resonates["generatedInsightId"], "validated_by": person.id}));
    let partially = react("partially").await;
    assert_eq!(
        (&partially["generatedInsightId"], app.count("usr_insights WHERE validated_at IS NOT NULL").await),
        (&json!(null), 0)
    );
    react("not_me").await;
    let made = react("resonates").await;
    assert_ne!(made["generatedInsightId"], resonates["generatedInsightId"]);
    assert_eq!(react("resonates").await["generatedInsightId"], made["generatedInsightId"]);
    let told = row(
        &app,
        "SELECT method, (SELECT count(*) FROM usr_outbox WHERE type = 'user.insight.created') = (SELECT count(*) FROM usr_insights)
             AS is_told FROM usr_insights WHERE validated_at IS NOT NULL",
    )
    .await;
    assert_eq!(told, json!({"method": "Wilson interval of a share, and the person's word", "is_told": true}));
    // A check-in of the same mood belongs to the pattern.
    let checkin = json!({"mood": " Calm ", "linkedReflectionId": asked["id"]});
    let checkin = app.post(&format!("{path}/checkins"), Some(&person), &checkin).await.expect(201);
    assert_eq!(
        (&checkin["patternConnectionId"], &checkin["linkedReflectionId"]),
        (&calm["id"], &asked["id"])
    );
    let other =
        app.post(&format!("{path}/checkins"), Some(&person), &json!({"mood": "odd"})).await.expect(201);
    assert_eq!(other["patternConnectionId"], json!(null));
    // A deleted reflection leaves what named it.
    assert_eq!(app.delete(&reflection, Some(&person)).await.status, 204);
    assert_eq!(app.count("usr_mood_checkins WHERE linked_reflection_id IS NOT NULL").await, 0);
    let own =
        app.post("/api/reflections", Some(&person), &json!({"patternId": calm["id"]})).await.expect(201);
    let followed = row(&app, "SELECT follow_up_reflection_id FROM usr_pattern_reactions").await;
    assert_eq!(followed, json!({"follow_up_reflection_id": own["id"]}));
    expect_no_drift(&app).await;
}

#[tokio::test]
async fn answers_are_looked_at_as_entries_are_and_taken_back_with_their_reflection() {
    let app = spawn_app().await;
    let person = settled(&app).await;
    let mut paths: Vec<Value> = Vec::new();
    for ago in 0..20 {
        let path = begin(&app, &person).await;
        answer(&app, &person, &path, 1, "We sang songs and the music was wonderful.").await.expect(200);
        app.execute(&format!(
            "UPDATE usr_reflection_turns SET asked_at = asked_at - interval '{ago} days' * 2,
                 submitted_at = submitted_at - interval '{ago} days' * 2 WHERE reflection_id = '{id}';
             UPDATE usr_reflections SET started_at = started_at - interval '{ago} days' * 2, completed_at = now()
             WHERE id = '{id}'",
            id = path.rsplit('/').next().unwrap(),
        ))
        .await;
        paths.push(json!(path));
    }
    let run = analyse(&app, &person).await;
    assert_eq!(run["counts"]["read"]["answers"], 20);
    let found = "SELECT pattern_key, cardinality(evidence_entry_ids) AS entries, cardinality(evidence_reflection_ids) AS reflections,
                     is_active FROM usr_user_patterns ORDER BY pattern_key";
    let of = |key: &str, reflections: i64| json!({"pattern_key": key, "entries": 0, "reflections": reflections, "is_active": true});
    let rows = app.rows(found).await;
    assert!(
        rows.contains(&of("theme:music", 20)) && rows.contains(&of("reflection:through", 19)),
        "{rows:?}"
    );
    let insights = app.count("usr_insights WHERE withdrawn_at IS NULL AND evidence <> '[]'").await;
    assert!(insights > 0);
    assert_eq!(app.delete(paths[5].as_str().unwrap(), Some(&person)).await.status, 204);
    assert!(app.rows(found).await.contains(&of("theme:music", 19)));
    assert_eq!(app.count("usr_insights WHERE withdrawn_at IS NULL AND evidence <> '[]'").await, 0);
    for path in paths.iter().filter(|path| **path != paths[5]) {
        assert_eq!(app.delete(path.as_str().unwrap(), Some(&person)).await.status, 204);
    }
    assert_eq!(app.count("usr_user_patterns WHERE is_active").await, 0);
    expect_no_drift(&app).await;
}

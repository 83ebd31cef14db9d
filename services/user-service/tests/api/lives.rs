//! People who have done all that there is, so that what becomes of everything can be seen.

use launch::Deployable;
use reqwest::Method;
use serde_json::{Value, json};
use test_utils::{Person, TestApp};
use user_service::UserService;
use uuid::Uuid;

use crate::books::{book_of, write};
use crate::helpers::settled;

/// Somebody whose book everybody may read and whose circle is open.
pub(crate) struct Host {
    pub(crate) who: Person,
    book: Uuid,
    invitation: Value,
}

pub(crate) async fn host(app: &TestApp) -> Host {
    let who = settled(app).await;
    let (book, chapter) = book_of(app, &who, "Theirs").await;
    write(app, &who, chapter, "What everybody may read.").await;
    app.post(&format!("/api/books/{book}/publish"), Some(&who), &Value::Null).await.expect(200);
    app.execute(&format!("UPDATE lib_books SET visibility = 'public' WHERE id = '{book}'")).await;
    let invitation =
        app.post("/api/circle/invitations", Some(&who), &json!({"maxUses": 100})).await.expect(201);
    Host { who, book, invitation }
}

/// Does all that there is. What an analysis would find is put there as if it had found it.
pub(crate) async fn live(app: &TestApp, who: &Person, host: &Host) {
    let (book, chapter) = book_of(app, who, "Notes").await;
    write(app, who, chapter, "A long walk by the sea with my sister made me happy.").await;
    write(app, who, chapter, "Work was hard and I am tired.").await;
    app.execute(&format!(
        "INSERT INTO lib_illustrations (id, user_id, book_id, file_id, illustration_type, sort_order)
         VALUES (gen_random_uuid(), '{}', '{book}', gen_random_uuid(), 'drawing', 0)",
        who.id
    ))
    .await;
    let progress = format!("/api/books/{}/progress", host.book);
    let progress = app.request(Method::PUT, &progress, Some(who)).json(&json!({"readingProgress": 0.5}));
    app.send(progress).await.expect(200);
    let ticket = json!({"token": host.invitation["token"]});
    app.post("/api/circle/join", Some(who), &ticket).await.expect(200);
    let own = app.post("/api/circle/invitations", Some(who), &json!({"maxUses": 3})).await.expect(201);
    app.post("/api/circle/join", Some(&host.who), &json!({"token": own["token"]})).await.expect(200);
    let checkin = json!({"mood": "calm", "emotionalIntensity": 3});
    app.post(&format!("/api/profiles/{}/checkins", who.id), Some(who), &checkin).await.expect(201);
    let consent = json!({"purpose": "analytics", "given": true, "policyVersion": "1"});
    let consent = app.request(Method::POST, "/api/consents", Some(who)).json(&consent);
    app.send(consent.header("idempotency-key", "k")).await.expect(201);
    let profile = json!({"bio": "Of few words", "onboardingInitialized": true});
    app.patch(&format!("/api/profiles/{}", who.id), Some(who), &profile).await.expect(200);
    findings(app, who.id).await;
}

/// What analyses leave behind, the same for everybody, and plays, of which one is the same.
async fn findings(app: &TestApp, id: Uuid) {
    app.execute(&format!(
        "INSERT INTO usr_analysis_runs (id, user_id, trigger, status, algorithm_version, counts)
         VALUES (gen_random_uuid(), '{id}', 'manual', 'running', 1, '{{}}');
         INSERT INTO usr_profile_theme_frequencies (user_id, theme, count, first_seen, last_seen, source)
         SELECT user_id, 'sea', count(*), min(occurred_at), max(occurred_at), 'lexicon' FROM lib_entries
         WHERE user_id = '{id}' GROUP BY user_id ON CONFLICT DO NOTHING;
         INSERT INTO lib_entry_themes (user_id, entry_id, theme, source, weight)
         SELECT user_id, id, 'sea', 'lexicon', 1 FROM lib_entries WHERE user_id = '{id}' ON CONFLICT DO NOTHING;
         INSERT INTO usr_user_patterns (id, user_id, pattern_type, pattern_key, pattern_name, description, frequency,
             peak_frequency, strength, confidence, sample_size, trend, first_observed, last_observed, last_detected,
             related_themes, trigger_factors, evidence_entry_ids, exploration_prompt, is_active, metadata)
         SELECT gen_random_uuid(), '{id}', 'thematic', key, key, 'd', 1, 1, 0.5, 0.5, 9, 'stable', now(), now(), now(),
             '{{}}', '{{}}', '{{}}', 'p', true, '{{}}' FROM unnest(ARRAY['theme:sea', 'theme:{id}']) AS key;
         INSERT INTO usr_pattern_reactions (user_id, pattern_id, reaction, sample_size)
         SELECT user_id, id, 'resonates', 9 FROM usr_user_patterns WHERE user_id = '{id}';
         INSERT INTO usr_insights (id, user_id, pattern_id, run_id, type, title, content, confidence, sample_size,
             evidence, themes, priority, method, algorithm_version)
         SELECT gen_random_uuid(), user_id, id, (SELECT id FROM usr_analysis_runs WHERE user_id = '{id}'), 'thematic',
             't', 'c', 0.5, 9, '[]', '{{}}', 1, 'm', 1 FROM usr_user_patterns WHERE user_id = '{id}';
         INSERT INTO usr_reflections (id, user_id, pattern_id, started_at)
         SELECT gen_random_uuid(), user_id, id, now() FROM usr_user_patterns
         WHERE user_id = '{id}' AND pattern_key = 'theme:sea';
         INSERT INTO usr_reflection_turns (user_id, reflection_id, turn_number, question, asked_at)
         SELECT user_id, id, 1, 'q', now() FROM usr_reflections WHERE user_id = '{id}';
         UPDATE usr_mood_checkins AS checkin SET linked_reflection_id = r.id, pattern_connection_id = r.pattern_id
         FROM usr_reflections AS r WHERE r.user_id = '{id}' AND checkin.user_id = '{id}';
         UPDATE usr_pattern_reactions AS reaction SET follow_up_reflection_id = r.id
         FROM usr_reflections AS r WHERE r.user_id = '{id}' AND reaction.pattern_id = r.pattern_id;
         UPDATE usr_insights SET validated_at = now(), validated_by = '{id}',
             entry_id = (SELECT id FROM lib_entries WHERE user_id = '{id}' LIMIT 1) WHERE user_id = '{id}';
         INSERT INTO usr_user_personas (id, user_id, version, persona_name, persona_description, personality, behavior,
             cognitive, social, growth, confidence, data_points, source_timeframe_start, source_timeframe_end, is_active,
             evidence, algorithm_version, generated_at)
         VALUES (gen_random_uuid(), '{id}', 1, 'n', 'd', '{{}}', '{{}}', '{{}}', '{{}}', '{{}}', 0.5, 9, '2026-01-01',
             '2026-03-01', true, '[]', 1, now());
         UPDATE usr_profiles SET total_insights = 2, total_reflections = 1 WHERE user_id = '{id}';
         INSERT INTO usr_profile_metrics (user_id, period, period_kind, period_start, insight_count, unique_themes,
             entry_count, plays, new_insights) VALUES ('{id}', '2026-W03', 'week', '2026-01-12', 1, 1, 2, 2, 0);
         INSERT INTO usr_profile_analytics (user_id, analysis_type, timeframe, valid_from, valid_to, data, progress_indicators)
         VALUES ('{id}', 'writing', 'week', '2026-01-12', '2026-01-18', '{{}}', '{{}}');
         INSERT INTO usr_heard_plays (user_id, play_id, track_id, played_at, day, is_night, seconds, genres)
         SELECT '{id}', play::uuid, gen_random_uuid(), '2026-01-12T10:00:00Z', '2026-01-12', false, 60, '{{jazz}}'
         FROM unnest(ARRAY['00000000-0000-7000-8000-000000000001', '{id}']) AS play;
         INSERT INTO usr_listening_days (user_id, day, plays, seconds_heard, distinct_tracks, night_share, top_genres, top_moods)
         VALUES ('{id}', '2026-01-12', 2, 120, 2, 0, '{{jazz}}', '{{}}')"
    ))
    .await;
}

/// Every table that names people in a column of its own.
pub(crate) async fn tables_of_people(app: &TestApp) -> Vec<String> {
    let tables = "SELECT DISTINCT table_name AS name FROM information_schema.columns
                  WHERE table_schema = current_schema()
                      AND column_name IN ('user_id', 'creator_id', 'member_id', 'actor_id') ORDER BY 1";
    app.rows(tables).await.iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

pub(crate) async fn expect_no_drift(app: &TestApp) {
    let drift = audit::drift(&app.database, &UserService::counters()).await.unwrap();
    assert!(drift.is_empty(), "{drift:#?}");
}

/// One number of a query.
pub(crate) async fn number(app: &TestApp, sql: &str) -> i64 {
    app.rows(&format!("SELECT ({sql}) AS n")).await[0]["n"].as_i64().unwrap()
}

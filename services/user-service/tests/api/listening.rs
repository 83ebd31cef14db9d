//! What music-service tells of plays, and the days that they make.

use std::time::{Duration, Instant};

use diesel_async::SimpleAsyncConnection;
use futures_util::FutureExt;
use futures_util::future::join_all;
use identity::Service;
use serde_json::{Value, json};
use test_utils::{Person, TestApp, Tokens};
use uuid::Uuid;

use crate::helpers::{row, settled, spawn_app};

const DAYS: &str =
    "SELECT day, plays, seconds_heard, distinct_tracks, night_share, top_genres, top_moods, mean_completion
                    FROM usr_listening_days ORDER BY user_id, day";

pub(crate) fn event(person: &Person, id: u128, kind: &str, at: &str, data: &Value) -> Value {
    json!({"specversion": "1.0", "id": Uuid::from_u128(id), "source": "/music-service", "type": kind, "subject": person.id,
        "time": at, "data": data})
}

pub(crate) fn played(person: &Person, play: u128, at: &str, duration: f64) -> Value {
    let data = json!({"userId": person.id, "playId": Uuid::from_u128(play), "trackId": Uuid::from_u128(play % 2),
        "albumId": null, "creatorId": person.id, "playedAt": at, "utcOffsetMinutes": 60, "duration": duration,
        "completionRate": 0.5, "skipped": false, "genres": ["Folk"], "mood": "calm"});
    event(person, play, "music.track.played", at, &data)
}

pub(crate) fn deleted(person: &Person, play: u128, id: u128) -> Value {
    let at = "2026-03-01T10:00:00Z";
    let data = json!({"userId": person.id, "playId": Uuid::from_u128(play), "trackId": Uuid::from_u128(1), "playedAt": at});
    event(person, id, "music.play.deleted", at, &data)
}

/// Delivers events in the name of music-service, and gives how many had an effect.
pub(crate) async fn tell(app: &TestApp, events: &[Value]) -> Value {
    let token = Tokens::service(Service::Music, Service::User);
    let request = app.http.post(format!("{}/internal/user/events", app.url)).bearer_auth(&token);
    app.send(request.json(events)).await.expect(200)["applied"].clone()
}

#[tokio::test]
async fn listening_days_count_each_play_once_and_shrink() {
    let app = spawn_app().await;
    let person = settled(&app).await;
    // Half past eleven in UTC is half past midnight there: the next day, at night.
    let events = [
        played(&person, 11, "2026-03-01T10:00:00Z", 100.0),
        played(&person, 12, "2026-03-01T11:00:00Z", 50.0),
        played(&person, 13, "2026-03-01T23:30:00Z", 30.0),
    ];
    assert_eq!(tell(&app, &events).await, 3);
    assert_eq!(tell(&app, &events).await, 0);
    let first = json!({"day": "2026-03-01", "plays": 2, "seconds_heard": 150, "distinct_tracks": 2, "night_share": 0,
        "top_genres": ["Folk"], "top_moods": ["calm"], "mean_completion": 0.5});
    let rows = app.rows(DAYS).await;
    assert_eq!(rows[0], first);
    assert_eq!((&rows[1]["day"], &rows[1]["night_share"]), (&json!("2026-03-02"), &json!(1)));
    assert_eq!(tell(&app, &[deleted(&person, 11, 111)]).await, 1);
    assert_eq!(tell(&app, &[deleted(&person, 13, 113)]).await, 1);
    let rows = app.rows(DAYS).await;
    assert_eq!(rows.len(), 1);
    assert_eq!((&rows[0]["plays"], &rows[0]["seconds_heard"]), (&json!(1), &json!(50)));
}

#[tokio::test]
async fn plays_and_deletions_of_one_delivery_keep_their_order() {
    let app = spawn_app().await;
    let (ann, bob) = (settled(&app).await, settled(&app).await);
    let at = "2026-03-01T10:00:00Z";
    // The same play, told again with another id of the event: what was told first stays.
    let again = |play, seconds, id| {
        let mut event = played(&ann, play, at, seconds);
        event["id"] = json!(Uuid::from_u128(id));
        event
    };
    let events = [
        played(&ann, 1, at, 10.0),
        played(&bob, 2, at, 20.0),
        again(1, 11.0, 101),
        deleted(&ann, 1, 102),
        played(&ann, 3, at, 30.0),
        again(1, 12.0, 103),
        again(1, 13.0, 104),
        played(&ann, 4, "2026-03-03T10:00:00Z", 40.0),
        deleted(&ann, 4, 105),
        deleted(&bob, 3, 106),
    ];
    assert_eq!(tell(&app, &events).await, 10);
    let heard = app.rows("SELECT user_id, play_id, seconds FROM usr_heard_plays ORDER BY seconds").await;
    let play = |person: &Person, play: u128, seconds: i64| json!({"user_id": person.id, "play_id": Uuid::from_u128(play), "seconds": seconds});
    assert_eq!(heard, [play(&ann, 1, 12), play(&bob, 2, 20), play(&ann, 3, 30)]);
    let days =
        app.rows("SELECT user_id, plays, seconds_heard FROM usr_listening_days ORDER BY seconds_heard").await;
    let day = |person: &Person, plays: i64, seconds: i64| json!({"user_id": person.id, "plays": plays, "seconds_heard": seconds});
    assert_eq!(days, [day(&bob, 1, 20), day(&ann, 2, 42)]);
}

#[tokio::test]
async fn a_day_is_where_the_device_is_else_where_the_account_is() {
    let app = spawn_app().await;
    let (ann, nobody) = (settled(&app).await, Tokens::person(contracts::Role::User));
    app.execute("UPDATE usr_accounts SET timezone = 'Pacific/Auckland'").await;
    let at = "2026-03-01T12:30:00Z";
    let without = |person: &Person, play| {
        let mut event = played(person, play, at, 1.0);
        event["data"]["utcOffsetMinutes"] = json!(null);
        event
    };
    tell(&app, &[played(&ann, 1, at, 1.0), without(&ann, 2), without(&nobody, 3)]).await;
    let days = app.rows("SELECT play_id, day, is_night FROM usr_heard_plays ORDER BY play_id").await;
    let day = |play: u128, day: &str, is_night: bool| json!({"play_id": Uuid::from_u128(play), "day": day, "is_night": is_night});
    // Half past one in the morning in New Zealand. Plays of who has no account are nobody's.
    assert_eq!(days, [day(1, "2026-03-01", false), day(2, "2026-03-02", true)]);
}

#[tokio::test]
async fn deliveries_at_once_count_each_play() {
    let app = spawn_app().await;
    let people = [settled(&app).await, settled(&app).await];
    // Each delivery has plays of both, in another order, and some plays are in several.
    let delivery = |round: u128| {
        let of = |index: usize| {
            let play = 10 * (round % 4) + u128::try_from(index).unwrap();
            played(&people[index], play + 1000, "2026-03-01T10:00:00Z", 1.0)
        };
        if round.is_multiple_of(2) { [of(0), of(1)] } else { [of(1), of(0)] }
    };
    let deliveries: Vec<_> = (0..16).map(delivery).collect();
    join_all(deliveries.iter().map(|events| tell(&app, events).boxed_local())).await;
    let rows = app.rows("SELECT plays, seconds_heard FROM usr_listening_days").await;
    assert_eq!(rows, vec![json!({"plays": 4, "seconds_heard": 4}); 2]);
}

/// `cargo test -p user-service --test api -- --ignored a_full_delivery --nocapture`
#[tokio::test]
#[ignore = "a measurement"]
async fn a_full_delivery_is_applied_at_once() {
    let app = spawn_app().await;
    let mut people = Vec::new();
    for _ in 0..20 {
        people.push(settled(&app).await);
    }
    for (name, days) in [("one day", 1), ("30 days", 30)] {
        let mut took = Vec::new();
        for round in 0..6_u128 {
            let event = |place: u128| {
                let person = &people[usize::try_from(place % 20).unwrap()];
                let at = format!("2026-03-{:02}T10:00:00Z", 1 + place % days);
                played(person, 1_000_000 * days + 1000 * round + place, &at, 180.0)
            };
            let events: Vec<Value> = (0..500).map(event).collect();
            let started = Instant::now();
            assert_eq!(tell(&app, &events).await, 500);
            took.push(started.elapsed().as_millis());
        }
        println!("500 plays of 20 people on {name}: {took:?} ms");
    }
    let total = row(&app, "SELECT sum(plays) AS plays FROM usr_listening_days").await;
    assert_eq!(total, json!({"plays": 6000}));
}

/// A transaction of another, which holds what it was told to hold.
pub(crate) struct Holder(database::Connection);

impl Holder {
    pub(crate) async fn of(app: &TestApp, sql: &str) -> Self {
        let mut connection = app.database.connection().await.unwrap();
        connection.batch_execute(&format!("BEGIN; {sql}")).await.unwrap();
        Self(connection)
    }

    /// Waits until somebody waits for it.
    pub(crate) async fn until_in_the_way(&self, app: &TestApp) {
        let deadline = Instant::now() + Duration::from_secs(30);
        let waiting =
            "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
        while app.rows(waiting).await.is_empty() {
            assert!(Instant::now() < deadline, "nobody waits");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub(crate) async fn go_on(&mut self, sql: &str) {
        self.0.batch_execute(sql).await.unwrap();
    }
}

/// Whoever erases or merges a person takes the turn and then the account.
#[tokio::test]
async fn a_deletion_takes_the_turn_before_the_account_and_a_play_takes_none() {
    let app = spawn_app().await;
    let person = settled(&app).await;
    let at = "2026-03-01T10:00:00Z";
    tell(&app, &[played(&person, 1, at, 10.0)]).await;
    let id = person.id;
    let turn = format!("SELECT FROM usr_profiles WHERE user_id = '{id}' FOR UPDATE");
    let mut holder = Holder::of(&app, &turn).await;
    assert_eq!(tell(&app, &[played(&person, 2, at, 20.0)]).await, 1);
    let erase = async {
        holder.until_in_the_way(&app).await;
        holder.go_on(&format!("SELECT FROM usr_accounts WHERE id = '{id}' FOR UPDATE; COMMIT")).await;
    };
    let events = [deleted(&person, 1, 101)];
    let (applied, ()) = tokio::join!(tell(&app, &events), erase);
    assert_eq!(applied, 1);
    assert_eq!(app.rows("SELECT plays FROM usr_listening_days").await, [json!({"plays": 1})]);
}

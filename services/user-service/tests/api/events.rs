//! Events on their way out: what a subscriber gets, when, and how often.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::{App, HttpResponse, HttpServer, web};
use contracts::events::{Event, EventBatch, EventsReceipt};
use contracts::problem::{ErrorCode, Problem};
use serde_json::json;
use test_utils::TestApp;
use user_service::UserService;
use uuid::Uuid;

use crate::helpers::register;

/// A subscriber in the place of music-service, which says of each delivery what the test wants.
pub(crate) struct Subscriber {
    url: String,
    state: Arc<Mutex<Hearing>>,
}

#[derive(Default)]
pub(crate) struct Hearing {
    taken: Vec<Event>,
    pub(crate) is_away: bool,
    pub(crate) refuses: Option<Uuid>,
    deliveries: usize,
}

impl Subscriber {
    pub(crate) fn start() -> Self {
        let state = Arc::new(Mutex::new(Hearing::default()));
        let data = web::Data::from(Arc::clone(&state));
        let app =
            move || App::new().app_data(data.clone()).route("/internal/music/events", web::post().to(hear));
        let server = HttpServer::new(app).workers(1).disable_signals().bind(("127.0.0.1", 0)).unwrap();
        let url = format!("http://{}", server.addrs()[0]);
        tokio::spawn(server.run());
        Self { url, state }
    }

    pub(crate) async fn spawn_app(&self) -> TestApp {
        TestApp::spawn_with::<UserService>(&[("REFRAIN_MUSIC_URL", &self.url)]).await
    }

    pub(crate) fn set(&self, change: impl FnOnce(&mut Hearing)) {
        change(&mut self.state.lock().unwrap());
    }

    /// The ids that were taken of each subject, in the order in which they came.
    pub(crate) fn taken(&self) -> HashMap<String, Vec<Uuid>> {
        let mut taken: HashMap<String, Vec<Uuid>> = HashMap::new();
        for event in &self.state.lock().unwrap().taken {
            taken.entry(event.subject.clone()).or_default().push(event.id);
        }
        taken
    }
}

async fn hear(state: web::Data<Mutex<Hearing>>, batch: web::Json<EventBatch>) -> HttpResponse {
    let EventBatch(events) = batch.into_inner();
    let mut state = state.lock().unwrap();
    state.deliveries += 1;
    if state.is_away {
        return HttpResponse::ServiceUnavailable().json(problem(ErrorCode::Unavailable));
    }
    if events.iter().any(|event| Some(event.id) == state.refuses) {
        return HttpResponse::UnprocessableEntity().json(problem(ErrorCode::Invalid));
    }
    let applied = events.len();
    state.taken.extend(events);
    HttpResponse::Ok().json(EventsReceipt { applied })
}

fn problem(code: ErrorCode) -> Problem {
    Problem {
        kind: code.urn(),
        title: code.title().to_owned(),
        status: code.status(),
        detail: "As the test wants it.".to_owned(),
        instance: "test".to_owned(),
        code,
        errors: Vec::new(),
    }
}

/// Writes events of some subjects, one after another, as `user.circle.joined`.
pub(crate) async fn tell(app: &TestApp, subjects: i32, events: i32) {
    app.execute(&format!(
        "INSERT INTO usr_outbox (id, type, subject, data, occurred_at, taken_by)
         SELECT gen_random_uuid(), 'user.circle.joined', n % {subjects}, '{{}}', now(), '{{}}'
         FROM generate_series(1, {events}) AS n ORDER BY n",
    ))
    .await;
}

/// What was told, by subject, in the order of the outbox.
pub(crate) async fn told(app: &TestApp) -> HashMap<String, Vec<Uuid>> {
    let rows = app.rows("SELECT subject, id FROM usr_outbox WHERE type LIKE '%circle%' ORDER BY seq").await;
    let mut told: HashMap<String, Vec<Uuid>> = HashMap::new();
    for row in rows {
        let id = row["id"].as_str().unwrap().parse().unwrap();
        told.entry(row["subject"].as_str().unwrap().to_owned()).or_default().push(id);
    }
    told
}

pub(crate) async fn settled(app: &TestApp, count: usize) {
    let is_settled = async || {
        let rows = app.rows("SELECT 1 FROM usr_outbox WHERE settled_at IS NOT NULL").await;
        rows.len() == count
    };
    for _ in 0..600 {
        if is_settled().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{:?}", app.rows("SELECT * FROM usr_outbox_refusals").await);
}

#[tokio::test]
async fn an_account_leaves_its_event() {
    let app = Subscriber::start().spawn_app().await;
    let (ann, _) = register(&app, "ann@example.org").await;
    let row = app
        .rows("SELECT type, subject, data, taken_by, settled_at IS NOT NULL AS settled FROM usr_outbox")
        .await;
    let expected = json!({
        "type": "user.account.created", "subject": ann.id, "data": {"userId": ann.id}, "taken_by": [],
        "settled": true,
    });
    assert_eq!(row, [expected]);
}

#[tokio::test]
async fn events_come_once_and_of_one_subject_in_order_from_two_replicas() {
    let subscriber = Subscriber::start();
    let app = subscriber.spawn_app().await;
    let _replica = app.spawn_replica::<UserService>().await;
    tell(&app, 3, 1200).await;
    settled(&app, 1200).await;
    assert_eq!(subscriber.taken(), told(&app).await);
    let rows = app.rows("SELECT DISTINCT taken_by FROM usr_outbox").await;
    assert_eq!(rows, [json!({"taken_by": ["music"]})]);
}

#[tokio::test]
async fn a_subscriber_that_was_away_has_lost_nothing() {
    let subscriber = Subscriber::start();
    subscriber.set(|hearing| hearing.is_away = true);
    let app = subscriber.spawn_app().await;
    tell(&app, 2, 20).await;
    for _ in 0..200 {
        if subscriber.state.lock().unwrap().deliveries >= 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(app.rows("SELECT 1 FROM usr_outbox WHERE settled_at IS NULL").await.len(), 20);
    subscriber.set(|hearing| hearing.is_away = false);
    settled(&app, 20).await;
    assert_eq!(subscriber.taken(), told(&app).await);
    assert_eq!(app.count("usr_outbox_refusals").await, 0);
}

#[tokio::test]
async fn what_is_refused_holds_back_its_own_subject_only() {
    let subscriber = Subscriber::start();
    subscriber.set(|hearing| hearing.is_away = true);
    let app = subscriber.spawn_app().await;
    tell(&app, 2, 10).await;
    let told = told(&app).await;
    let refused = told["0"][1];
    subscriber.set(|hearing| (hearing.is_away, hearing.refuses) = (false, Some(refused)));
    settled(&app, 6).await;
    assert_eq!(subscriber.taken()["1"], told["1"]);
    assert_eq!(subscriber.taken()["0"], told["0"][..1]);
    let refusals = app.rows("SELECT event_id, subscriber, attempts > 0 AS tried, last_error, given_up_at FROM usr_outbox_refusals");
    let expected = json!({
        "event_id": refused, "subscriber": "music", "tried": true,
        "last_error": "A rule is broken: As the test wants it.", "given_up_at": null,
    });
    assert_eq!(refusals.await, [expected]);

    subscriber.set(|hearing| hearing.refuses = None);
    settled(&app, 10).await;
    assert_eq!(subscriber.taken(), told);
}

#[tokio::test]
async fn what_is_refused_ten_times_is_given_up() {
    let subscriber = Subscriber::start();
    subscriber.set(|hearing| hearing.is_away = true);
    let app = subscriber.spawn_app().await;
    tell(&app, 1, 3).await;
    let told = told(&app).await;
    // Nine refusals lie behind it.
    app.execute(&format!(
        "INSERT INTO usr_outbox_refusals VALUES ('{}', 'music', 9, now(), 'before', NULL)",
        told["0"][1],
    ))
    .await;
    subscriber.set(|hearing| (hearing.is_away, hearing.refuses) = (false, Some(told["0"][1])));
    settled(&app, 3).await;
    assert_eq!(subscriber.taken()["0"], [told["0"][0], told["0"][2]]);
    let refusals =
        app.rows("SELECT attempts, given_up_at IS NOT NULL AS given_up FROM usr_outbox_refusals").await;
    assert_eq!(refusals, [json!({"attempts": 10, "given_up": true})]);
}

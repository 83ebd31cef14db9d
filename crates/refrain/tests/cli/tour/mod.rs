//! A tour of the API: everything that people write, written once, with the bodies that `contracts` gives as examples. At its
//! end every column of every table holds something, and says what it means and who writes it; and every field of every request body
//! was read back.

mod accounts;
mod books;
mod changes;
mod fields;
mod files;
mod jobs;
mod library;
mod lifecycle;
mod lyrics;
mod people;
mod playlists;
mod profiling;
mod streaming;

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use identity::{Service, SigningKey, TokenIssuer};
use reqwest::{Method, RequestBuilder};
use serde_json::{Map, Value};

use self::fields::Fields;

use crate::server::{Server, data_dir, run, said, scratch};

/// Tables and columns that the tour leaves empty, each with its reason.
const EXCEPTIONS: [(&str, &str); 18] = [
    ("stg_blobs.bucket", "the tour keeps its blobs in a folder: `just test-s3` has a bucket"),
    (
        "mus_outbox_refusals",
        "a row is an event that a subscriber refused: none does here; the outbox's own tests refuse",
    ),
    ("stg_outbox_refusals", "as mus_outbox_refusals"),
    ("usr_outbox_refusals", "as mus_outbox_refusals"),
    ("stg_files.orphaned_at", "a file must be a day old: the lifecycle's own tests make some older"),
    (
        "mus_audio_jobs.error_message",
        "a job fails when its sound cannot be worked on: the jobs' own tests have one",
    ),
    ("stg_processing_jobs.lease_owner", "held while a worker has the job, and given back with its end"),
    ("stg_processing_jobs.lease_until", "as stg_processing_jobs.lease_owner"),
    ("stg_processing_jobs.retry_count", "no worker dies here: the queue's own tests kill some"),
    ("usr_accounts.deleted_at", "stands from the wish to be erased to the erasure, which takes the row away"),
    ("usr_data_requests.run_after", "stands while a request is not done"),
    ("usr_data_requests.error", "a request waits when a service is away: none is here"),
    ("usr_password_resets.next_attempt_at", "stands until the mail is sent"),
    (
        "usr_insights.withdrawn_at",
        "no insight here loses what it rests on: the analysis's own tests delete entries",
    ),
    (
        "usr_user_patterns.deactivated_reason",
        "nothing fades within a minute: the pipeline's own tests wait for weeks",
    ),
    (
        "usr_user_patterns.evidence_days",
        "a link with listening takes six weeks of it: the analysis's own tests tell of them",
    ),
    ("usr_insights.evidence_days", "as usr_user_patterns.evidence_days"),
    ("usr_analysis_runs.error", "a run fails when the database does: none does here"),
];

/// What is written beside the answers is there by then.
const PATIENCE: Duration = Duration::from_secs(60);

/// A traveller's luggage.
struct Tour {
    server: Server,
    examples: Map<String, Value>,
    fields: Mutex<Fields>,
}

/// Somebody with an access token.
struct Traveller {
    id: Value,
    token: String,
}

impl Tour {
    async fn new(server: Server) -> Self {
        let files = [
            include_str!("../../../../../contracts/tests/wire_format/music.json"),
            include_str!("../../../../../contracts/tests/wire_format/user.json"),
            include_str!("../../../../../contracts/tests/wire_format/storage.json"),
        ];
        let examples = files.into_iter().flat_map(|file| serde_json::from_str::<Map<_, _>>(file).unwrap());
        let document = server.request(Method::GET, "/openapi.json", None).send().await.unwrap();
        let fields = Mutex::new(Fields::of(&document.json().await.unwrap()));
        Self { server, examples: examples.collect(), fields }
    }

    /// The example of a request, with fields of this journey laid over it.
    fn body(&self, name: &str, fields: &Value) -> Value {
        let mut body = self.examples[name].clone();
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        body
    }

    fn request(&self, method: Method, path: &str, who: &Traveller) -> RequestBuilder {
        self.server.request(method, path, Some(&who.token))
    }

    /// Sends a request that must be answered with success, and gives the body.
    async fn send(&self, request: RequestBuilder) -> Value {
        let answer = request.send().await.unwrap();
        let (status, url) = (answer.status(), answer.url().clone());
        let text = answer.text().await.unwrap();
        assert!(status.is_success() || status.is_redirection(), "{url}: {status} {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    async fn call(&self, method: Method, path: &str, who: &Traveller, body: &Value) -> Value {
        let answer = self.send(self.request(method.clone(), path, who).json(body)).await;
        self.read_back(who, (method.as_str(), path, body), &answer).await;
        answer
    }

    async fn post(&self, path: &str, who: &Traveller, body: &Value) -> Value {
        let key = contracts::ids::new_id().to_string();
        let request = self.request(Method::POST, path, who).header("idempotency-key", key);
        let answer = self.send(request.json(body)).await;
        self.read_back(who, ("POST", path, body), &answer).await;
        answer
    }

    /// Reads what was written: where it lies, else in the list that it is in. The answer counts where neither can be asked for.
    async fn read_back(&self, who: &Traveller, (method, path, body): (&str, &str, &Value), answer: &Value) {
        let its_own = answer["id"].as_str().map(|id| format!("{path}/{id}"));
        let mut read = answer.clone();
        for place in its_own.into_iter().chain([path.to_owned()]) {
            let found = self.request(Method::GET, &place, who).send().await.unwrap();
            if found.status().is_success() {
                read = found.json().await.unwrap();
                break;
            }
        }
        self.fields.lock().unwrap().note(method, path, body, &[read]);
    }

    async fn patch(&self, path: &str, who: &Traveller, body: &Value) -> Value {
        self.call(Method::PATCH, path, who, body).await
    }

    async fn delete(&self, path: &str, who: &Traveller) {
        self.send(self.request(Method::DELETE, path, who)).await;
    }
}

/// Runs a job of a service in the name of another.
async fn run_job(tour: &Tour, data: &Path, service: Service, name: &str) {
    let key = SigningKey::load(&data.join("keys/user-service.pem")).unwrap();
    let issuer = TokenIssuer::new(Service::User, Arc::new(key));
    let token = issuer.service_token(service, contracts::clock::now()).unwrap();
    let path = format!("/internal/{}/jobs/{name}/run", service.segment());
    let report: Value = tour.send(tour.server.request(Method::POST, &path, Some(&token))).await;
    assert_eq!(report["name"], name);
}

fn id(thing: &Value) -> &str {
    thing["id"].as_str().unwrap()
}

/// Names of columns that say nothing: of tables without rows as of tables with.
fn silent_columns(audit: &Value) -> Vec<String> {
    let mut silent = Vec::new();
    for table in audit["tables"].as_array().unwrap() {
        for column in table["columns"].as_array().unwrap() {
            if column["verdict"] != "populated" {
                silent.push(format!(
                    "{}.{}",
                    table["name"].as_str().unwrap(),
                    column["name"].as_str().unwrap()
                ));
            }
        }
    }
    silent
}

fn is_of(column: &str, exception: &str) -> bool {
    column == exception || column.strip_prefix(exception).is_some_and(|rest| rest.starts_with('.'))
}

#[tokio::test]
async fn after_a_tour_of_the_api_every_column_has_been_used() {
    let scratch = scratch();
    let data = data_dir(&scratch);
    let tour = Tour::new(Server::up(&data)).await;
    let company = people::travel(&tour, &data).await;
    let files = files::travel(&tour, &company).await;
    let library = library::travel(&tour, &company, &files).await;
    playlists::travel(&tour, &company, &library).await;
    streaming::travel(&tour, &company, &library).await;
    lyrics::travel(&tour, &company, &library, &data).await;
    books::travel(&tour, &company, &files).await;
    profiling::travel(&tour, &company, &library).await;
    accounts::travel(&tour, &company, &files, &data).await;
    jobs::travel(&tour, &company, &files, &library).await;
    changes::travel(&tour, &company, &files, &library).await;
    lifecycle::travel(&tour, &company, &data).await;
    tour.fields.lock().unwrap().expect_all();

    let deadline = Instant::now() + PATIENCE;
    let (audit, silent) = loop {
        let output = run(&data, &["audit", "--format", "json"]);
        let audit: Value = serde_json::from_slice(&output.stdout).unwrap();
        let silent = silent_columns(&audit);
        let excepted = |column: &String| EXCEPTIONS.iter().any(|(exception, _)| is_of(column, exception));
        if silent.iter().all(excepted) || Instant::now() > deadline {
            break (audit, silent.into_iter().partition::<Vec<_>, _>(excepted));
        }
    };
    let (excepted, forgotten) = silent;
    assert!(forgotten.is_empty(), "never populated: {forgotten:#?}");
    for (exception, _) in EXCEPTIONS {
        assert!(
            excepted.iter().any(|column| is_of(column, exception)),
            "{exception} is no exception any more"
        );
    }
    assert_eq!(audit["undocumented"], Value::Array(Vec::new()));
    assert_eq!(said(run(&data, &["reconcile"])), "every counter equals its rows\n");
}

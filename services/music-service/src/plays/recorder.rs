//! The recorder of plays: group commit. Requests that come while a statement runs wait together for the next one, so
//! that a busy track costs one update of its row for many listeners instead of a queue of them. A request is answered
//! after the commit that holds its play. Nobody lingers: a lone play is written at once.

use std::future::Future;
use std::time::Duration;

use contracts::music::PlayResponse;
use database::{Database, DatabaseError};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use futures_util::FutureExt;
use futures_util::future::join_all;
use tokio::sync::{mpsc, oneshot};

use super::batch::{self, Verdict};
use super::domain::{NewPlay, PlayError};
use super::repository;

/// Plays in one statement at most.
const BATCH: usize = 500;
/// Plays that may wait. More are refused with 503: memory is bounded, and a client that keeps its play loses nothing.
const QUEUE: usize = 10_000;
/// How often a statement is tried that gave way to another one.
const TRIES: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(5);

/// What became of a play.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Outcome {
    /// It is stored.
    Recorded(PlayResponse),
    /// It was stored before.
    Duplicate(PlayResponse),
}

type Answer = Result<Outcome, PlayError>;

struct Request {
    play: NewPlay,
    answer: oneshot::Sender<Answer>,
}

/// Takes plays from any task. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Recorder {
    queue: mpsc::Sender<Request>,
    close: std::sync::Arc<tokio::sync::Notify>,
}

impl Recorder {
    /// Starts the writer of a service. The future ends when the writer has, after [`Recorder::close`].
    pub(crate) fn start(database: Database) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (queue, requests) = mpsc::channel(QUEUE);
        let close = std::sync::Arc::new(tokio::sync::Notify::new());
        let writer = tokio::spawn(write(database, requests, std::sync::Arc::clone(&close)));
        // A writer that panicked has logged it; its plays were answered by their dropped senders.
        (Self { queue, close }, writer.map(drop))
    }

    /// Records a play, durably when this returns.
    pub(crate) async fn record(&self, play: NewPlay) -> Answer {
        let (answer, answered) = oneshot::channel();
        self.queue.try_send(Request { play, answer }).map_err(|_| PlayError::Full)?;
        answered.await.unwrap_or(Err(PlayError::Unavailable))
    }

    /// No more plays: those that wait are written, then the writer ends.
    pub(crate) fn close(&self) {
        self.close.notify_one();
    }
}

async fn write(
    database: Database,
    mut requests: mpsc::Receiver<Request>,
    close: std::sync::Arc<tokio::sync::Notify>,
) {
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        tokio::select! {
            biased;
            count = requests.recv_many(&mut batch, BATCH) => {
                if count == 0 {
                    return;
                }
                record(&database, std::mem::take(&mut batch)).await;
            }
            () = close.notified() => requests.close(),
        }
    }
}

async fn record(database: &Database, requests: Vec<Request>) {
    let (plays, answers): (Vec<_>, Vec<_>) =
        requests.into_iter().map(|request| (request.play, request.answer)).unzip();
    let verdicts = match store(database, &plays).await {
        Err(DatabaseError::Query(_)) if plays.len() > 1 => store_each(database, &plays).await,
        Ok(verdicts) => verdicts.into_iter().map(Ok).collect(),
        Err(error) => {
            let refused = refusal(&error);
            plays.iter().map(|_| Err(refused)).collect()
        }
    };
    let mut unknown = Vec::new();
    for ((play, verdict), answer) in plays.into_iter().zip(verdicts).zip(answers) {
        match verdict.and_then(|verdict| conclude(&play, verdict)) {
            Ok(Some(outcome)) => drop(answer.send(Ok(outcome))),
            // Deleted between the two statements is the same as if it had come later.
            Ok(None) => unknown.push((play, PlayError::Unavailable, answer)),
            // A play that was stored stays known, whatever became of its track.
            Err(PlayError::NoTrack) => unknown.push((play, PlayError::NoTrack, answer)),
            Err(error) => drop(answer.send(Err(error))),
        }
    }
    if !unknown.is_empty() {
        // Its listeners' own affair: the writer goes on.
        drop(tokio::spawn(answer_known(database.clone(), unknown)));
    }
}

/// One at a time, so that a play that the database refuses takes no other with it.
async fn store_each(database: &Database, plays: &[NewPlay]) -> Vec<Result<Verdict, PlayError>> {
    let mut verdicts = Vec::with_capacity(plays.len());
    for play in plays {
        let stored = store(database, std::slice::from_ref(play)).await;
        verdicts.push(match stored {
            Ok(mut one) => one.pop().ok_or(PlayError::Failed),
            Err(error) => Err(refusal(&error)),
        });
    }
    verdicts
}

/// Runs the statement, again where it gave way to another replica's.
async fn store(database: &Database, plays: &[NewPlay]) -> Result<Vec<Verdict>, DatabaseError> {
    let mut pause = FIRST_PAUSE;
    for _ in 1..TRIES {
        match try_store(database, plays).await {
            Err(error) if database::is_deadlock(&error) => tokio::time::sleep(pause).await,
            stored => return stored,
        }
        pause *= 2;
    }
    try_store(database, plays).await
}

async fn try_store(database: &Database, plays: &[NewPlay]) -> Result<Vec<Verdict>, DatabaseError> {
    let mut connection = database.connection().await?;
    let stored = connection.transaction(async |connection| batch::record(connection, plays).await);
    stored.await.map_err(DatabaseError::from)
}

fn refusal(error: &DatabaseError) -> PlayError {
    match error {
        DatabaseError::Unavailable(_) => {
            tracing::warn!(cause = telemetry::error_chain(error), "a play waits for the database");
            PlayError::Unavailable
        }
        DatabaseError::Query(_) => {
            tracing::error!(cause = telemetry::error_chain(error), "a play could not be stored");
            PlayError::Failed
        }
    }
}

/// The outcome that a verdict tells, or nothing when the play was there before.
fn conclude(play: &NewPlay, verdict: Verdict) -> Result<Option<Outcome>, PlayError> {
    match verdict {
        Verdict { is_playable: false, .. } => Err(PlayError::NoTrack),
        Verdict { stored: None, .. } => Ok(None),
        Verdict { stored: Some(stored), .. } => Ok(Some(Outcome::Recorded(stored.response(play)))),
    }
}

/// Answers with the plays that are stored; where there is none, why it was not.
async fn answer_known(database: Database, unknown: Vec<(NewPlay, PlayError, oneshot::Sender<Answer>)>) {
    let connection = database.connection().await.map_err(|error| refusal(&error));
    let answers = unknown.into_iter().map(async |(play, otherwise, answer)| {
        let outcome = match &connection {
            Ok(connection) => known(connection, &play, otherwise).await,
            Err(refused) => Err(*refused),
        };
        // The listener may have gone.
        drop(answer.send(outcome));
    });
    join_all(answers).await;
}

async fn known(connection: &AsyncPgConnection, play: &NewPlay, otherwise: PlayError) -> Answer {
    match repository::find(connection, play.user_id, play.play_id).await {
        Ok(Some(stored)) if stored.request_digest == play.request_digest => {
            Ok(Outcome::Duplicate(stored.into()))
        }
        Ok(Some(_)) => Err(PlayError::OtherPlay),
        Ok(None) => Err(otherwise),
        Err(error) => Err(refusal(&error.into())),
    }
}

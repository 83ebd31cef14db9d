//! tus 1.0.0, sentence by sentence: one test for each MUST of the protocol that is a server's to keep, in its order, with the
//! words that it keeps.

mod concatenation;
mod creation;
mod extensions;
mod protocol;

use reqwest::Method;
use test_utils::{Answer, Person, TestApp};

use crate::helpers::spawn_app;
use crate::tus::{UPLOADS, tus};

async fn head(app: &TestApp, who: &Person, path: &str) -> Answer {
    app.send(tus(app, Method::HEAD, path, who)).await
}

async fn options(app: &TestApp) -> Answer {
    app.send(app.request(Method::OPTIONS, UPLOADS, None)).await
}

async fn announces(extension: &str) {
    let answer = options(&spawn_app().await).await;
    assert!(answer.header("tus-extension").split(',').any(|announced| announced == extension));
}

//! The ledger against the schema.

use launch::Deployable;
use test_utils::TestApp;
use user_service::UserService;

use crate::helpers::spawn_app;

pub(crate) async fn expect_no_drift(app: &TestApp) {
    let drift = audit::drift(&app.database, &UserService::counters()).await.unwrap();
    assert!(drift.is_empty(), "{drift:#?}");
}

#[tokio::test]
async fn every_column_that_is_named_as_a_counter_is_in_the_ledger() {
    let app = spawn_app().await;
    let unknown = audit::unregistered(&app.database, &UserService::counters()).await.unwrap();
    assert!(unknown.is_empty(), "{unknown:?}");
}

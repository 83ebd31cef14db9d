//! The ledger against the service at work.

use futures_util::future::join_all;
use launch::Deployable;
use storage_service::StorageService;
use test_utils::TestApp;

use crate::helpers::{spawn_app, upload};

async fn expect_no_drift(app: &TestApp) {
    let drift = audit::drift(&app.database, &StorageService::counters()).await.unwrap();
    assert!(drift.is_empty(), "{drift:#?}");
}

#[tokio::test]
async fn every_column_that_is_named_as_a_counter_is_in_the_ledger() {
    let app = spawn_app().await;
    let unknown = audit::unregistered(&app.database, &StorageService::counters()).await.unwrap();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[tokio::test]
async fn parallel_uploads_leave_no_drift_and_what_is_falsified_is_found_and_set_right() {
    let app = spawn_app().await;
    let people: Vec<_> = (0..24).map(|_| app.person()).collect();
    let bytes = |number: usize| format!("one of three contents: {}", number % 3).into_bytes();
    let work = people.iter().enumerate().map(async |(number, who)| {
        let path = upload(&app, who, "a.txt", &bytes(number)).await;
        if number.is_multiple_of(5) {
            app.delete(&path, Some(who)).await.expect(204);
        }
    });
    join_all(work).await;
    assert_eq!(app.count("stg_blobs").await, 3);
    expect_no_drift(&app).await;
    let ledger = StorageService::counters();
    for counter in ledger.counters {
        let (table, column) = (counter.table, counter.column);
        app.execute(&format!("UPDATE {table} SET {column} = {column} + 1")).await;
        let found = audit::drift(&app.database, &ledger).await.unwrap();
        assert_eq!(found.iter().map(|drift| drift.counter).collect::<Vec<_>>(), [*counter]);
        assert_eq!(audit::repair(&app.database, &ledger).await.unwrap(), found);
        expect_no_drift(&app).await;
    }
}

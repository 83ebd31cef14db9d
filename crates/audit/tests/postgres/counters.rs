//! Counters that are made wrong, found and set right.

use audit::{Counter, Ledger, NotCounted};
use database::Database;
use futures_util::future::join_all;

use crate::helpers::{database_with, execute};

const TABLES: &str = "
    CREATE TABLE shelves (room text, number integer, book_count integer NOT NULL DEFAULT 0, newest date,
        PRIMARY KEY (room, number));
    CREATE TABLE books (room text, number integer, bought date);
    INSERT INTO shelves SELECT 'hall', n FROM generate_series(1, 20) AS n;";

const LEDGER: Ledger = Ledger {
    counters: &[
        Counter {
            table: "shelves",
            column: "book_count",
            key: &["room", "number"],
            truth: "SELECT room, number, count(*) AS value FROM books GROUP BY room, number",
            without: "0",
        },
        Counter {
            table: "shelves",
            column: "newest",
            key: &["room", "number"],
            truth: "SELECT room, number, max(bought) AS value FROM books GROUP BY room, number",
            without: "NULL",
        },
    ],
    not_counted: &[NotCounted { table: "shelves", column: "total_width", reason: "measured, not counted" }],
};

async fn wrong(database: &Database) -> Vec<(&'static str, i64)> {
    let drift = audit::drift(database, &LEDGER).await.unwrap();
    drift.iter().map(|drift| (drift.counter.column, drift.rows)).collect()
}

#[tokio::test]
async fn a_wrong_counter_is_found_with_examples_and_set_right() {
    let database = database_with(TABLES).await;
    assert!(wrong(&database).await.is_empty());
    execute(
        &database,
        "INSERT INTO books VALUES ('hall', 1, '2026-01-01'), ('hall', 1, '2026-02-01');
         UPDATE shelves SET book_count = 2, newest = '2026-02-01' WHERE number = 1;",
    )
    .await;
    assert!(wrong(&database).await.is_empty());
    // Twelve that count what is not there, one that misses what is.
    execute(
        &database,
        "UPDATE shelves SET book_count = 5 WHERE number > 8; UPDATE shelves SET newest = NULL;",
    )
    .await;
    let found = audit::drift(&database, &LEDGER).await.unwrap();
    assert_eq!(wrong(&database).await, [("book_count", 12), ("newest", 1)]);
    assert_eq!(found[0].examples.len(), 10);
    let example = &found[1].examples[0];
    assert_eq!((example.key.as_str(), example.is.as_deref()), ("hall 1", None));
    assert_eq!(example.should_be.as_deref(), Some("2026-02-01"));
    assert_eq!(audit::repair(&database, &LEDGER).await.unwrap(), found);
    assert!(wrong(&database).await.is_empty());
    assert!(audit::repair(&database, &LEDGER).await.unwrap().is_empty());
}

#[tokio::test]
async fn repairs_and_writers_do_not_disturb_each_other() {
    let database = database_with(TABLES).await;
    let write = async |shelf: usize| {
        let shelf = shelf % 5 + 1;
        execute(
            &database,
            &format!(
                "BEGIN; INSERT INTO books VALUES ('hall', {shelf}, '2026-01-01');
                 UPDATE shelves SET book_count = book_count + 1, newest = '2026-01-01' WHERE number = {shelf}; COMMIT;"
            ),
        )
        .await;
    };
    let spoil = async |_: usize| {
        execute(&database, "UPDATE shelves SET book_count = book_count + 1 WHERE number = 3").await;
        audit::repair(&database, &LEDGER).await.unwrap();
    };
    tokio::join!(join_all((0..100).map(write)), join_all((0..10).map(spoil)));
    audit::repair(&database, &LEDGER).await.unwrap();
    assert!(wrong(&database).await.is_empty());
}

#[tokio::test]
async fn a_column_named_as_a_counter_is_registered_or_explained() {
    let database = database_with(TABLES).await;
    execute(
        &database,
        "ALTER TABLE shelves ADD COLUMN total_width integer, ADD COLUMN bytes_used bigint, ADD COLUMN account_id uuid;
         ALTER TABLE shelves ADD COLUMN gone_count integer; ALTER TABLE shelves DROP COLUMN gone_count;
         CREATE TABLE rooms (shelf_count integer, counted boolean) PARTITION BY LIST (counted);
         CREATE TABLE rooms_counted PARTITION OF rooms FOR VALUES IN (true);",
    )
    .await;
    let unknown = audit::unregistered(&database, &LEDGER).await.unwrap();
    assert_eq!(unknown, ["rooms.shelf_count", "shelves.bytes_used"]);
}

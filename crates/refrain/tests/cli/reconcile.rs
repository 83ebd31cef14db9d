//! A counter that somebody falsified behind the back of the services.

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use embedded_postgres::Endpoint;
use test_utils::fixtures::TONES;

use crate::server::{Server, data_dir, run, said, scratch};

#[tokio::test]
async fn a_falsified_counter_is_named_and_set_right() {
    let scratch = scratch();
    let (data, folder) = (data_dir(&scratch), scratch.path().join("music"));
    std::fs::create_dir(&folder).unwrap();
    for (name, bytes) in TONES {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
    let _server = Server::up(&data);
    said(run(&data, &["import", folder.to_str().unwrap(), "--email", "me@example.org"]));
    assert_eq!(said(run(&data, &["reconcile"])), "every counter equals its rows\n");

    let endpoint = Endpoint::of_running(&data.join("postgres")).unwrap().unwrap();
    for (database, sql) in [
        ("refrain_music", "UPDATE mus_albums SET total_tracks = 99"),
        ("refrain_storage", "UPDATE stg_blobs SET ref_count = 0"),
    ] {
        let mut connection = AsyncPgConnection::establish(&endpoint.url(database)).await.unwrap();
        connection.batch_execute(sql).await.unwrap();
    }
    let output = run(&data, &["reconcile"]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("mus_albums.total_tracks is wrong on 1 rows\n") && text.contains(": 99, should be 7\n"),
        "{text}"
    );
    // Seven tones and the cover, and what jobs have made of them so far.
    assert!(text.contains("stg_blobs.ref_count is wrong on "), "{text}");
    let text = said(run(&data, &["reconcile", "--fix"]));
    assert!(text.contains("mus_albums.total_tracks was wrong and is set right on 1 rows"), "{text}");
    assert_eq!(said(run(&data, &["reconcile"])), "every counter equals its rows\n");
}

//! Books: written, illustrated, read; a second one is thrown away with all that is in it.

use reqwest::Method;
use serde_json::{Value, json};

use super::files::Files;
use super::people::Company;
use super::{Tour, id};

pub(super) async fn travel(tour: &Tour, company: &Company, files: &Files) {
    let ann = &company.ann;
    for title in ["Kept", "Thrown away"] {
        let fields = json!({"title": title, "coverFileId": files.picture["id"], "visibility": "personal"});
        let book = tour.post("/api/books", ann, &tour.body("CreateBookRequest", &fields)).await;
        let path = format!("/api/books/{}", id(&book));
        let open = tour.post(&format!("{path}/chapters"), ann, &json!({"title": "Open"})).await;
        for lock in [
            json!({"unlockTrigger": "date", "unlockAt": "2020-01-01T00:00:00Z"}),
            json!({"title": "Two", "unlockTrigger": "entries", "unlockAt": null, "unlockThreshold": 9}),
        ] {
            let chapter = tour.body("CreateChapterRequest", &lock);
            tour.post(&format!("{path}/chapters"), ann, &chapter).await;
        }
        // Read, so that the time of unlocking is noted.
        tour.call(Method::GET, &format!("{path}/chapters"), ann, &Value::Null).await;
        let mut entries = Vec::new();
        for times in [1, 20, 1] {
            // A few words, and enough of them to go deeper.
            let content = "We walked along the river until it rained. ".repeat(times);
            let entry =
                tour.body("CreateEntryRequest", &json!({"chapterId": open["id"], "content": content}));
            entries.push(tour.post("/api/entries", ann, &entry).await);
        }
        tour.delete(&format!("/api/entries/{}", id(&entries.pop().unwrap())), ann).await;
        illustrate(tour, company, files, (&path, &open, &entries[0])).await;
        tour.post(&format!("{path}/publish"), ann, &Value::Null).await;
        let fields = json!({"entryId": entries[1]["id"], "readingProgress": 1.0});
        let progress = tour.body("SetProgressRequest", &fields);
        tour.call(Method::PUT, &format!("{path}/progress"), ann, &progress).await;
        tour.patch(&path, ann, &json!({"isReadOnly": true})).await;
        if title != "Kept" {
            tour.delete(&path, ann).await;
        }
    }
}

async fn illustrate(
    tour: &Tour,
    company: &Company,
    files: &Files,
    (book, chapter, entry): (&str, &Value, &Value),
) {
    for (chapter, entry) in
        [(chapter["id"].clone(), Value::Null), (Value::Null, entry["id"].clone()), (Value::Null, Value::Null)]
    {
        for _ in 0..2 {
            let fields = json!({"fileId": files.picture["id"], "chapterId": chapter, "entryId": entry});
            let illustration = tour.body("CreateIllustrationRequest", &fields);
            tour.post(&format!("{book}/illustrations"), &company.ann, &illustration).await;
        }
    }
}

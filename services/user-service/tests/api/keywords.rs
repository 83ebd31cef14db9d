//! Words that stand out of an entry, against what its writer has always written.

use serde_json::json;
use test_utils::TestApp;

use crate::books::{book_of, write};
use crate::helpers::{id_of, settled, spawn_app};

const TEXT: &str = "The lighthouse stood in the storm and the keeper of the lighthouse counted waves. An accordion was \
                    played in the kitchen, and the accordion went on until the lamp of the lighthouse was lit, and \
                    everybody listened to the accordion and to the wind around the old lighthouse tower.";

/// The themes of an entry that its words alone brought.
async fn keywords(app: &TestApp, entry: &serde_json::Value) -> Vec<String> {
    let sql = format!(
        "SELECT theme FROM lib_entry_themes WHERE entry_id = '{}' AND source = 'keyword' ORDER BY theme",
        id_of(entry)
    );
    let themes = app.rows(&sql).await;
    themes.iter().map(|row| row["theme"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_stands_out_is_what_a_person_does_not_always_write() {
    let app = spawn_app().await;
    let (keeper, visitor) = (settled(&app).await, settled(&app).await);
    let (_, tower) = book_of(&app, &keeper, "Tower").await;
    let (_, coast) = book_of(&app, &visitor, "Coast").await;
    for _ in 0..10 {
        write(&app, &keeper, tower, "The lighthouse again.").await;
        write(&app, &visitor, coast, "A day by the sea.").await;
    }
    let entry = write(&app, &visitor, coast, TEXT).await;
    let found = keywords(&app, &entry).await;
    assert!(found.contains(&"lighthouse".to_owned()) && found.contains(&"accordion".to_owned()), "{found:?}");
    let shown = entry["themes"].as_array().unwrap();
    assert!(found.iter().all(|theme| shown.contains(&json!(theme))), "{shown:?}");
    let usual = write(&app, &keeper, tower, TEXT).await;
    let found = keywords(&app, &usual).await;
    assert!(
        !found.contains(&"lighthouse".to_owned()) && found.contains(&"accordion".to_owned()),
        "{found:?}"
    );
    // Read again it says the same: only what was written before an entry counts.
    for _ in 0..10 {
        write(&app, &keeper, tower, "The accordion again.").await;
    }
    let path = format!("/api/entries/{}", id_of(&usual));
    app.patch(&path, Some(&keeper), &json!({"moodContext": "calm"})).await.expect(200);
    assert_eq!(keywords(&app, &usual).await, found);
    // Themes of all entries say where they come from.
    let themes = format!("/api/profiles/{}/themes?limit=100", visitor.id);
    let themes = app.get(&themes, Some(&visitor)).await.expect(200);
    let theme =
        themes["items"].as_array().unwrap().iter().find(|theme| theme["theme"] == "accordion").unwrap();
    assert_eq!((&theme["source"], &theme["count"]), (&json!("keyword"), &json!(1)));
}

//! Every question that rules can ask of every field, with the tracks that answer it; and every order.

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use contracts::music::rules::{Field, Kind};
use serde_json::{Value, json};
use test_utils::{Person, TestApp};
use uuid::Uuid;

use crate::helpers::{TrackBuilder, album_of, spawn_app};
use crate::playlists::{add, make};

const PREVIEW: &str = "/api/playlists/rules/preview";

/// Field, operator, value, and which tracks of [`Library`] are given. `$me` and `$other` are people, `$list` is a playlist with
/// tracks 1 and 3, `$60d` was sixty days ago.
const QUESTIONS: &str = include_str!("questions.txt");

/// Orders, and the tracks in them. A minus: the most comes first.
const ORDERS: [(&str, &str); 22] = [
    ("title", "301245"),
    ("albumTitle", "421053"),
    ("mood", "103452"),
    ("language", "314052"),
    ("creatorId", "510432"),
    ("quality", "410352"),
    ("explicit", "542031"),
    ("-duration", "543210"),
    ("bitrate", "523140"),
    ("addedAt", "543210"),
    ("releaseDate", "421053"),
    ("-trackPlayCount", "304215"),
    ("-trackLikeCount", "204531"),
    ("-playCount", "304215"),
    ("-lastPlayed", "012345"),
    ("-completion", "201354"),
    ("-skipCount", "315420"),
    ("-rating", "025431"),
    ("-liked", "420531"),
    ("notes", "045321"),
    ("explicit duration", "024513"),
    ("mood -bitrate", "013452"),
];

/// Six tracks that differ in all that rules know, as one listener has heard and marked them.
struct Library {
    app: TestApp,
    me: Person,
    other: Person,
    list: Uuid,
    tracks: Vec<Uuid>,
    /// When it was made; in the zone it is half past twelve or so.
    now: DateTime<Utc>,
    zone: String,
}

impl Library {
    async fn new() -> Self {
        let app = spawn_app().await;
        let mut people = [app.person(), app.person()];
        people.sort_by_key(|person| person.id);
        let [me, other] = people;
        let now = contracts::clock::now();
        // The signs of these names are turned round.
        let zone = format!("Etc/GMT{:+}", i64::from(now.hour()) - 12);
        let mut library = Self { list: make(&app, &me).await, app, me, other, tracks: Vec::new(), now, zone };
        library.fill().await;
        library.listen().await;
        library.mark().await;
        library
    }

    fn days_ago(&self, days: i64) -> DateTime<Utc> {
        self.now - TimeDelta::days(days)
    }

    async fn fill(&mut self) {
        let Self { app, me, other, .. } = &*self;
        let (summer, nights) = (album_of(app, me).await, album_of(app, other).await);
        for (album, title, days) in [(summer, "Sommerträume", 10), (nights, "Nights", 500)] {
            app.execute(&format!(
                "UPDATE mus_albums SET title = '{title}', release_date = '{}', visibility = 'public' WHERE id = '{album}'",
                self.days_ago(days).date_naive()
            ))
            .await;
        }
        let made = [
            (
                me,
                Some(summer),
                1,
                "title = 'Été à la mer', mood = 'Calm', language = 'fr', genres = '{Jazz,Bossa Nova}',
                tags = '{home}', bitrate = 320000, quality = 'lossless'",
            ),
            (
                me,
                Some(summer),
                5,
                "title = 'Rain', mood = 'calm', language = 'en', genres = '{jazz}',
                bitrate = 128000, is_explicit = true",
            ),
            (other, Some(nights), 20, "title = 'rain song', tags = '{home,late night}', quality = 'medium'"),
            (
                other,
                None,
                100,
                "title = '100% _pure_', mood = 'dark', language = 'de', genres = '{Rock}', tags = '{work}',
                bitrate = 96000, quality = 'low', is_explicit = true",
            ),
            (
                me,
                Some(nights),
                500,
                "title = 'Tearing rain', mood = 'Dark matter', language = 'en-GB',
                genres = '{Hard Rock}', bitrate = 192000",
            ),
            (me, None, 1000, "title = 'Zorn', quality = 'medium'"),
        ];
        let (mut tracks, mut minutes) = (Vec::new(), 0.0);
        for (owner, album, days, rest) in made {
            minutes += 1.0;
            let track = TrackBuilder::of(owner).public().lasting(minutes * 60.0);
            let track = album.into_iter().fold(track, TrackBuilder::on).insert(app).await;
            let added = self.days_ago(days);
            app.execute(&format!(
                "UPDATE mus_tracks SET {rest}, created_at = '{added}' WHERE id = '{track}'"
            ))
            .await;
            tracks.push(track);
        }
        // What its owner alone may see is found by no question.
        TrackBuilder::of(other).insert(app).await;
        self.tracks = tracks;
    }

    /// So many days ago, at this hour of the zone's day.
    async fn play(&self, who: &Person, track: usize, (days, hour): (i64, i64), rest: Value) {
        let played_at = self.days_ago(days) + TimeDelta::hours(hour - 12);
        let mut body = json!({"trackId": self.tracks[track], "playedAt": played_at});
        body.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        self.app.post("/api/library/track-play", Some(who), &body).await.expect(201);
    }

    async fn listen(&self) {
        let from = |device: &str, source: &str, rate: f64| json!({"deviceType": device, "context": {"source": source}, "completionRate": rate});
        let skipped = |device: &str, source: &str, rate: f64| {
            let mut play = from(device, source, rate);
            play["duration"] = json!(20);
            play
        };
        self.play(&self.me, 0, (0, 12), from("car", "radio", 1.0)).await;
        self.play(&self.me, 0, (30, 22), from("mobile", "album", 0.5)).await;
        self.play(&self.me, 1, (1, 0), skipped("mobile", "playlist", 0.2)).await;
        self.play(&self.me, 2, (10, 22), json!({"deviceType": "web", "completionRate": 0.75})).await;
        self.play(&self.me, 3, (70, 3), skipped("tv", "radio", 0.05)).await;
        self.play(&self.me, 3, (71, 3), skipped("tv", "radio", 0.05)).await;
        self.play(&self.me, 4, (500, 3), json!({"deviceType": "car", "context": {"source": "search"}})).await;
        self.play(&self.other, 3, (0, 12), from("watch", "share", 1.0)).await;
    }

    async fn mark(&self) {
        let liked = [(&self.me, 0), (&self.me, 2), (&self.me, 4), (&self.other, 0), (&self.other, 2)];
        for (who, track) in liked {
            let path = format!("/api/library/track/{}/like", self.tracks[track]);
            self.app.post(&path, Some(who), &json!(null)).await.expect(200);
        }
        for (track, said) in [
            (0, json!({"rating": 5, "notes": "Crème brûlée", "tags": ["late", "Early bird"]})),
            (2, json!({"rating": 3, "tags": ["late"]})),
            (4, json!({"notes": "Rain on tin"})),
        ] {
            let path = format!("/api/library/track/{}/favorite", self.tracks[track]);
            self.app.patch(&path, Some(&self.me), &said).await.expect(200);
        }
        for track in [1, 3] {
            add(&self.app, &self.me, self.list, self.tracks[track]).await;
        }
    }

    /// The tracks that rules give, by their numbers.
    async fn given(&self, rules: &Value) -> String {
        let body = json!({"rules": rules});
        let answer = self.app.post(PREVIEW, Some(&self.me), &body).await.expect(200);
        let numbers = answer["tracks"].as_array().unwrap().iter().map(|track| {
            let number = self.tracks.iter().position(|id| json!(id) == track["id"]).unwrap();
            char::from_digit(u32::try_from(number).unwrap(), 10).unwrap()
        });
        let numbers: String = numbers.collect();
        assert_eq!(answer["count"], json!(numbers.len()), "{rules}");
        let alone = answer["conditions"].as_array().unwrap();
        if let [condition] = alone.as_slice() {
            assert_eq!(condition["count"], json!(numbers.len()), "{rules}");
        }
        numbers
    }

    fn value_of(&self, text: &str) -> Value {
        let text = text
            .replace("$me", &self.me.id.to_string())
            .replace("$other", &self.other.id.to_string())
            .replace("$list", &self.list.to_string())
            .replace("$60d", &self.days_ago(60).to_rfc3339());
        serde_json::from_str(&text).unwrap()
    }
}

pub(crate) fn operators_of(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Text | Kind::Texts => {
            &["is", "isNot", "contains", "notContains", "startsWith", "endsWith", "isPresent", "isMissing"]
        }
        Kind::Number | Kind::Numbers => &["is", "isNot", "gt", "gte", "lt", "lte", "inRange"],
        Kind::Bool => &["is"],
        Kind::Time => &["before", "after", "inTheLast", "notInTheLast", "isPresent", "isMissing"],
        Kind::Track => &["inPlaylist", "notInPlaylist"],
    }
}

/// The field, the operator and the value of a line, and the tracks that it gives.
fn question(line: &str) -> (&str, &str, &str, &str) {
    let (question, given) = line.rsplit_once("->").unwrap();
    let mut words = question.splitn(3, ' ');
    let (field, op) = (words.next().unwrap(), words.next().unwrap());
    (field, op, words.next().unwrap_or_default().trim(), given.trim())
}

fn questions() -> impl Iterator<Item = &'static str> {
    QUESTIONS.lines().filter(|line| !line.is_empty())
}

#[test]
fn no_question_is_left_out() {
    let asked: Vec<_> = questions().map(question).collect();
    for (name, _, kind) in Field::ALL {
        for op in operators_of(kind) {
            assert!(asked.iter().any(|(field, asked, ..)| *field == name && asked == op), "{name} {op}");
        }
    }
    for unit in ["hours", "days", "weeks", "months", "years"] {
        for op in ["inTheLast", "notInTheLast"] {
            assert!(
                asked.iter().any(|(_, asked, value, _)| *asked == op && value.contains(unit)),
                "{op} {unit}"
            );
        }
    }
}

#[tokio::test]
async fn every_question_of_every_field_gives_its_tracks() {
    let library = Library::new().await;
    for line in questions() {
        let (field, op, value, expected) = question(line);
        let mut test = json!({"field": field, "op": op});
        if !value.is_empty() {
            test["value"] = library.value_of(value);
        }
        let rules = json!({"all": [test], "sort": [{"field": "duration"}], "timezone": library.zone});
        assert_eq!(library.given(&rules).await, expected.replace("none", ""), "{line}");
    }
}

#[tokio::test]
async fn every_order_and_every_limit_holds() {
    let library = Library::new().await;
    let sorted = |keys: &str| -> Value {
        let keys = keys.split(' ').map(|key| match key.strip_prefix('-') {
            Some(field) => json!({"field": field, "order": "desc"}),
            None => json!({"field": key}),
        });
        json!({"all": [], "sort": keys.collect::<Vec<_>>()})
    };
    for (keys, expected) in ORDERS {
        assert_eq!(library.given(&sorted(keys)).await, expected, "{keys}");
    }
    for (name, _, kind) in Field::ALL {
        let is_sortable = matches!(kind, Kind::Text | Kind::Number | Kind::Bool | Kind::Time);
        let is_sorted = ORDERS.iter().any(|(keys, _)| keys.trim_start_matches('-') == name);
        assert_eq!(is_sortable, is_sorted, "{name}");
    }
    for (limits, expected) in [
        (json!({"limit": 2}), "30"),
        (json!({"limitPerAlbum": 1}), "3025"),
        (json!({"limitPerCreator": 2}), "3012"),
        (json!({"limitPerAlbum": 1, "limitPerCreator": 1}), "30"),
        (json!({"limitPerAlbum": 1, "limitPerCreator": 2, "limit": 3}), "302"),
        (json!({"maxMinutes": 5}), "30"),
        (json!({"maxMinutes": 4}), "3"),
        (json!({"limitPerAlbum": 1, "maxMinutes": 8}), "302"),
    ] {
        let mut rules = sorted("title");
        rules.as_object_mut().unwrap().extend(limits.as_object().unwrap().clone());
        assert_eq!(library.given(&rules).await, expected, "{limits}");
    }
    let shuffled =
        |seed: i64| json!({"all": [], "sort": [{"field": "explicit"}, {"field": "random", "seed": seed}]});
    let mut orders = Vec::new();
    for seed in 0..12 {
        let order = library.given(&shuffled(seed)).await;
        assert_eq!(library.given(&shuffled(seed)).await, order);
        let (clean, explicit) = order.split_at(4);
        assert!(clean.chars().all(|track| "0245".contains(track)) && explicit.len() == 2, "{order}");
        orders.push(order);
    }
    orders.sort();
    orders.dedup();
    assert!(orders.len() > 3, "{orders:?}");
}

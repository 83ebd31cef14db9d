//! What was made, and what holds of it by reading it.

use chrono::{DateTime, Datelike, Days, NaiveTime, TimeDelta, Timelike, Utc};
use serde_json::{Value, json};
use test_utils::{Person, TestApp};
use uuid::Uuid;

use super::generated::{ALBUMS, Heard, Plan};
use crate::helpers::{TrackBuilder, album_of, spawn_app};
use crate::playlists::{add, make};

/// Five hours east of UTC.
pub(super) const ZONE: (&str, i64) = ("Etc/GMT-5", 5);

/// What a track has in a field.
enum Content {
    Texts(Vec<String>),
    Numbers(Vec<f64>),
    Bool(bool),
    Time(Option<DateTime<Utc>>),
    Lists(Vec<Uuid>),
}

/// All that was made, and what it was made of.
pub(super) struct World {
    pub(super) app: TestApp,
    pub(super) me: Person,
    other: Person,
    lists: [Uuid; 2],
    albums: Vec<Uuid>,
    pub(super) library: Vec<(Uuid, Plan)>,
    now: DateTime<Utc>,
}

impl World {
    pub(super) async fn new() -> Self {
        let app = spawn_app().await;
        let (me, other, now) = (app.person(), app.person(), contracts::clock::now());
        let lists = [make(&app, &me).await, make(&app, &me).await];
        let mut albums = Vec::new();
        for (title, days) in ALBUMS {
            let album = album_of(&app, &other).await;
            let day = now.date_naive() - Days::new(days);
            app.execute(&format!(
                "UPDATE mus_albums SET title = '{title}', release_date = '{day}' WHERE id = '{album}'"
            ))
            .await;
            albums.push(album);
        }
        Self { app, me, other, lists, albums, library: Vec::new(), now }
    }

    fn played_at(&self, heard: &Heard) -> DateTime<Utc> {
        let day = (self.now - TimeDelta::days(heard.days)).date_naive();
        day.and_hms_opt(heard.hour, 30, 0).unwrap().and_utc()
    }

    pub(super) async fn store(&mut self, plan: Plan) {
        let track = TrackBuilder::of(&self.me).public().lasting(plan.minutes * 60.0);
        let track = plan.album.into_iter().fold(track, |track, album| track.on(self.albums[album]));
        let track = track.insert(&self.app).await;
        let text = |text: Option<&str>| text.map_or("NULL".to_owned(), |text| format!("'{text}'"));
        self.app
            .execute(&format!(
                "UPDATE mus_tracks SET title = '{}', mood = {}, language = {}, genres = '{}', tags = '{}', quality = '{}',
                     is_explicit = {}, bitrate = {}, created_at = '{}' WHERE id = '{track}'",
                plan.title,
                text(plan.mood),
                text(plan.language),
                json!(plan.genres).to_string().replace('[', "{").replace(']', "}"),
                json!(plan.tags).to_string().replace('[', "{").replace(']', "}"),
                plan.quality,
                plan.explicit,
                plan.bitrate.map_or("NULL".to_owned(), |bitrate| bitrate.to_string()),
                self.now - TimeDelta::days(plan.days),
            ))
            .await;
        if plan.generated {
            self.app
                .execute(&format!(
                    "UPDATE mus_tracks SET source_type = 'generated', generated_by_user_id = '{}' WHERE id = '{track}'",
                    self.other.id
                ))
                .await;
        }
        self.hear(track, &plan).await;
        self.mark(track, &plan).await;
        self.library.push((track, plan));
    }

    async fn hear(&self, track: Uuid, plan: &Plan) {
        for heard in &plan.heard {
            let mut body = json!({
                "trackId": track, "completionRate": heard.rate, "duration": heard.rate * plan.minutes * 60.0,
                "deviceType": heard.device, "playedAt": self.played_at(heard),
            });
            if let Some(source) = heard.source {
                body["context"] = json!({"source": source});
            }
            self.app.post("/api/library/track-play", Some(&self.me), &body).await.expect(201);
        }
        for _ in 0..plan.others_plays {
            let body = json!({"trackId": track, "deviceType": "tv"});
            self.app.post("/api/library/track-play", Some(&self.other), &body).await.expect(201);
        }
    }

    async fn mark(&self, track: Uuid, plan: &Plan) {
        let like = format!("/api/library/track/{track}/like");
        if let Some(said) = &plan.favorite {
            self.app.post(&like, Some(&self.me), &json!(null)).await.expect(200);
            let said = json!({"rating": said.rating, "notes": said.notes, "tags": said.tags});
            let path = format!("/api/library/track/{track}/favorite");
            self.app.patch(&path, Some(&self.me), &said).await.expect(200);
        }
        if plan.others_like {
            self.app.post(&like, Some(&self.other), &json!(null)).await.expect(200);
        }
        for (list, _) in self.lists.iter().zip(plan.lists).filter(|(_, is_on)| *is_on) {
            add(&self.app, &self.me, *list, track).await;
        }
    }

    /// Rules with what stands for people, playlists and instants put in.
    pub(super) fn filled(&self, condition: &Value) -> Value {
        let mut text = condition.to_string();
        for (name, id) in [
            ("$me", self.me.id),
            ("$other", self.other.id),
            ("$list0", self.lists[0]),
            ("$list1", self.lists[1]),
        ] {
            text = text.replace(name, &id.to_string());
        }
        for days in [5, 60, 300] {
            let instant = self.now - TimeDelta::days(days);
            text = text.replace(&format!("${days}d"), &instant.to_rfc3339());
        }
        serde_json::from_str(&text).unwrap()
    }

    pub(super) fn holds(&self, track: &Plan, condition: &Value) -> bool {
        if let Some(all) = condition["all"].as_array() {
            return all.iter().all(|condition| self.holds(track, condition));
        }
        if let Some(any) = condition["any"].as_array() {
            return any.iter().any(|condition| self.holds(track, condition));
        }
        if let Some(not) = condition.get("not") {
            return !self.holds(track, not);
        }
        let (op, value) = (condition["op"].as_str().unwrap(), &condition["value"]);
        match self.content(track, condition["field"].as_str().unwrap()) {
            Content::Texts(texts) => text_holds(&texts, op, value),
            Content::Numbers(numbers) => number_holds(&numbers, op, value),
            Content::Bool(yes) => yes == value.as_bool().unwrap(),
            Content::Time(instant) => self.time_holds(instant, op, value),
            Content::Lists(lists) => lists.iter().any(|id| json!(id) == *value) == (op == "inPlaylist"),
        }
    }

    fn content(&self, track: &Plan, field: &str) -> Content {
        let texts =
            |texts: &mut dyn Iterator<Item = &str>| Content::Texts(texts.map(str::to_owned).collect());
        let number = |number: f64| Content::Numbers(vec![number]);
        let count = |counted: usize| f64::from(u32::try_from(counted).unwrap());
        let (heard, said) = (&track.heard, track.favorite.as_ref());
        let seconds = track.minutes * 60.0;
        let creator = if track.album.is_some() || track.generated { self.other.id } else { self.me.id };
        match field {
            "title" => texts(&mut [track.title].into_iter()),
            "albumTitle" => texts(&mut track.album.map(|album| ALBUMS[album].0).into_iter()),
            "mood" => texts(&mut track.mood.into_iter()),
            "language" => texts(&mut track.language.into_iter()),
            "creatorId" => Content::Texts(vec![creator.to_string()]),
            "quality" => texts(&mut [track.quality].into_iter()),
            "notes" => texts(&mut said.and_then(|said| said.notes).into_iter()),
            "genre" => texts(&mut track.genres.iter().copied()),
            "tag" => texts(&mut track.tags.iter().copied()),
            "personalTag" => texts(&mut said.into_iter().flat_map(|said| said.tags.iter().copied())),
            "device" => texts(&mut heard.iter().map(|heard| heard.device)),
            "contextSource" => texts(&mut heard.iter().filter_map(|heard| heard.source)),
            "duration" => number(seconds),
            "bitrate" => {
                number(track.bitrate.map_or(0.0, |bitrate| f64::from(i32::try_from(bitrate).unwrap())))
            }
            "trackPlayCount" => number(count(heard.len() + track.others_plays)),
            "trackLikeCount" => number(count(usize::from(said.is_some()) + usize::from(track.others_like))),
            "playCount" => number(count(heard.len())),
            "completion" => {
                number(heard.iter().map(|heard| heard.rate).sum::<f64>() / count(heard.len().max(1)))
            }
            "skipCount" => {
                let is_skip = |heard: &&Heard| heard.rate * seconds < 30.0 && heard.rate < 0.5;
                number(count(heard.iter().filter(is_skip).count()))
            }
            "rating" => {
                number(count(usize::try_from(said.and_then(|said| said.rating).unwrap_or(0)).unwrap()))
            }
            "hourOfDay" => Content::Numbers(
                heard
                    .iter()
                    .map(|heard| self.played_at(heard) + TimeDelta::hours(ZONE.1))
                    .map(|at| f64::from(at.hour()))
                    .collect(),
            ),
            "explicit" => Content::Bool(track.explicit),
            "liked" => Content::Bool(said.is_some()),
            "addedAt" => Content::Time(Some(self.now - TimeDelta::days(track.days))),
            "releaseDate" => Content::Time(track.album.map(|album| {
                (self.now.date_naive() - Days::new(ALBUMS[album].1)).and_time(NaiveTime::MIN).and_utc()
            })),
            "lastPlayed" => Content::Time(heard.iter().map(|heard| self.played_at(heard)).max()),
            "track" => {
                let on = self.lists.iter().zip(track.lists).filter(|(_, is_on)| *is_on);
                Content::Lists(on.map(|(list, _)| *list).collect())
            }
            other => panic!("{other}"),
        }
    }

    fn time_holds(&self, instant: Option<DateTime<Utc>>, op: &str, value: &Value) -> bool {
        let than = |is: fn(&DateTime<Utc>, &DateTime<Utc>) -> bool| {
            instant.is_some_and(|instant| is(&instant, &value.as_str().unwrap().parse().unwrap()))
        };
        match op {
            "before" => than(DateTime::<Utc>::lt),
            "after" => than(DateTime::<Utc>::gt),
            "isPresent" => instant.is_some(),
            "isMissing" => instant.is_none(),
            "inTheLast" => instant.is_some_and(|instant| instant >= self.began(value)),
            "notInTheLast" => instant.is_none_or(|instant| instant < self.began(value)),
            other => panic!("{other}"),
        }
    }

    fn began(&self, span: &Value) -> DateTime<Utc> {
        let today = (self.now + TimeDelta::hours(ZONE.1)).date_naive();
        let midnight = |back: u32| {
            let day = today - Days::new(back.into());
            day.and_time(NaiveTime::MIN).and_utc() - TimeDelta::hours(ZONE.1)
        };
        match (span.as_str(), span["unit"].as_str()) {
            (Some("thisIsoWeek"), _) => midnight(today.weekday().num_days_from_monday()),
            (Some("thisMonth"), _) => midnight(today.day0()),
            (_, Some("hours" | "days")) => self.now - TimeDelta::days(5),
            (_, Some("weeks")) => self.now - TimeDelta::days(21),
            // Months and years are not of one length; nothing happened near where they begin.
            (_, Some("months")) => self.now - TimeDelta::days(60),
            (_, Some("years")) => self.now - TimeDelta::days(365),
            other => panic!("{other:?}"),
        }
    }
}

/// Without case and, of the words here, without accents.
fn folded(text: &str) -> String {
    text.to_lowercase().replace('é', "e")
}

fn text_holds(texts: &[String], op: &str, value: &Value) -> bool {
    let wanted = value.as_str().unwrap_or_default();
    let is = |text: &String| text.to_lowercase() == wanted.to_lowercase();
    let contains = |text: &String| folded(text).contains(&folded(wanted));
    match op {
        "is" => texts.iter().any(is),
        "isNot" => !texts.iter().any(is),
        "contains" => texts.iter().any(contains),
        "notContains" => !texts.iter().any(contains),
        "startsWith" => texts.iter().any(|text| folded(text).starts_with(&folded(wanted))),
        "endsWith" => texts.iter().any(|text| folded(text).ends_with(&folded(wanted))),
        "isPresent" => !texts.is_empty(),
        "isMissing" => texts.is_empty(),
        other => panic!("{other}"),
    }
}

fn number_holds(numbers: &[f64], op: &str, value: &Value) -> bool {
    if op == "inRange" {
        let range = value[0].as_f64().unwrap()..=value[1].as_f64().unwrap();
        return numbers.iter().any(|number| range.contains(number));
    }
    let value = value.as_f64().unwrap();
    match op {
        "is" => numbers.contains(&value),
        "isNot" => !numbers.contains(&value),
        "gt" => numbers.iter().any(|number| *number > value),
        "gte" => numbers.iter().any(|number| *number >= value),
        "lt" => numbers.iter().any(|number| *number < value),
        "lte" => numbers.iter().any(|number| *number <= value),
        other => panic!("{other}"),
    }
}

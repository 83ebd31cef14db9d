//! Tracks and questions, made at random.

use contracts::music::rules::{Field, Kind};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::rules_table::operators_of;

pub(super) const ALBUMS: [(&str, u64); 3] = [("Été en mer", 10), ("rain", 100), ("Moon song", 400)];
const WORDS: [&str; 8] = ["rain", "Rain song", "sun", "Moon", "in the moon", "Été", "ete", "a"];
const DEVICES: [&str; 3] = ["car", "mobile", "web"];
const SOURCES: [&str; 3] = ["radio", "album", "search"];
const QUALITIES: [&str; 4] = ["lossless", "high", "medium", "low"];
/// No span of a question ends near one of these.
const DAYS_AGO: [i64; 5] = [2, 10, 40, 100, 400];

/// One play of the owner's.
#[derive(Debug, Clone)]
pub(super) struct Heard {
    pub(super) rate: f64,
    pub(super) device: &'static str,
    pub(super) source: Option<&'static str>,
    pub(super) days: i64,
    pub(super) hour: u32,
}

/// What the owner said of a favourite.
#[derive(Debug, Clone)]
pub(super) struct Favorite {
    pub(super) rating: Option<i64>,
    pub(super) notes: Option<&'static str>,
    pub(super) tags: Vec<&'static str>,
}

/// A track as it is to be made.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) title: &'static str,
    pub(super) album: Option<usize>,
    pub(super) mood: Option<&'static str>,
    pub(super) language: Option<&'static str>,
    pub(super) genres: Vec<&'static str>,
    pub(super) tags: Vec<&'static str>,
    pub(super) quality: &'static str,
    pub(super) explicit: bool,
    pub(super) minutes: f64,
    pub(super) bitrate: Option<i64>,
    pub(super) days: i64,
    pub(super) generated: bool,
    pub(super) heard: Vec<Heard>,
    pub(super) favorite: Option<Favorite>,
    pub(super) others_plays: usize,
    pub(super) others_like: bool,
    pub(super) lists: [bool; 2],
}

fn word() -> impl Strategy<Value = &'static str> {
    select(&WORDS[..])
}

fn words() -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::btree_set(word(), 0..3).prop_map(|words| words.into_iter().collect())
}

pub(super) fn plan() -> impl Strategy<Value = Plan> {
    let rates = select(vec![0.0, 0.25, 0.5, 1.0]);
    let heard = (
        rates,
        select(&DEVICES[..]),
        prop::option::of(select(&SOURCES[..])),
        select(&DAYS_AGO[..]),
        0..24_u32,
    )
        .prop_map(|(rate, device, source, days, hour)| Heard { rate, device, source, days, hour });
    let favorite = (prop::option::of(1..=5_i64), prop::option::of(word()), words())
        .prop_map(|(rating, notes, tags)| Favorite { rating, notes, tags });
    let texts = (word(), prop::option::of(word()), prop::option::of(word()), words(), words());
    let facts = (
        prop::option::of(0..ALBUMS.len()),
        select(&QUALITIES[..]),
        any::<bool>(),
        select(vec![1.0, 2.0, 3.0]),
        prop::option::of(select(vec![96_000, 128_000])),
        select(&DAYS_AGO[..]),
        prop::bool::weighted(0.2),
    );
    let people = (
        prop::collection::vec(heard, 0..4),
        prop::option::of(favorite),
        0..3_usize,
        any::<bool>(),
        any::<[bool; 2]>(),
    );
    (texts, facts, people).prop_map(|(texts, facts, people)| {
        let (title, mood, language, genres, tags) = texts;
        let (album, quality, explicit, minutes, bitrate, days, generated) = facts;
        let (heard, favorite, others_plays, others_like, lists) = people;
        Plan {
            title,
            album,
            mood,
            language,
            genres,
            tags,
            quality,
            explicit,
            minutes,
            bitrate,
            days,
            generated,
            heard,
            favorite,
            others_plays,
            others_like,
            lists,
        }
    })
}

fn test() -> impl Strategy<Value = Value> {
    select(&Field::ALL[..]).prop_flat_map(|(name, _, kind)| {
        select(operators_of(kind)).prop_flat_map(move |op| question(name, kind, op))
    })
}

/// A question of a field, with a value to be compared with.
pub(super) fn question(
    name: &'static str,
    kind: Kind,
    op: &'static str,
) -> impl Strategy<Value = Value> + use<> {
    value(name, kind, op).prop_map(move |value| json!({"field": name, "op": op, "value": value}))
}

fn value(name: &str, kind: Kind, op: &str) -> BoxedStrategy<Value> {
    let one_of = |values: &[Value]| select(values.to_vec()).boxed();
    let texts = |texts: &[&str]| one_of(&texts.iter().map(|text| json!(text)).collect::<Vec<_>>());
    match (name, kind, op) {
        (_, _, "isPresent" | "isMissing") => Just(Value::Null).boxed(),
        ("creatorId", ..) => texts(&["$me", "$other"]),
        ("quality", ..) => texts(&["lossless", "HIGH", "m", "low"]),
        ("device", ..) => texts(&["Car", "mobile", "b", "e"]),
        ("contextSource", ..) => texts(&["radio", "ALBUM", "a", "h"]),
        (_, Kind::Text | Kind::Texts, _) => word().prop_map(|word| json!(word)).boxed(),
        ("hourOfDay", _, "inRange") => {
            (0..20, 0..6).prop_map(|(from, more)| json!([from, from + more])).boxed()
        }
        (_, _, "inRange") => (0..3, 0..3).prop_map(|(from, more)| json!([from, from + more])).boxed(),
        ("hourOfDay", ..) => (0..24).prop_map(|hour| json!(hour)).boxed(),
        ("bitrate", ..) => one_of(&[json!(0), json!(96_000), json!(100_000), json!(128_000)]),
        ("duration", ..) => one_of(&[json!(60), json!(120), json!(150)]),
        (_, Kind::Number | Kind::Numbers, _) => one_of(&[json!(0), json!(0.5), json!(1), json!(2), json!(3)]),
        (_, Kind::Bool, _) => any::<bool>().prop_map(|yes| json!(yes)).boxed(),
        (_, Kind::Time, "before" | "after") => texts(&["$5d", "$60d", "$300d"]),
        (_, Kind::Time, _) => one_of(&[
            json!({"amount": 120, "unit": "hours"}),
            json!({"amount": 5, "unit": "days"}),
            json!({"amount": 3, "unit": "weeks"}),
            json!({"amount": 2, "unit": "months"}),
            json!({"amount": 1, "unit": "years"}),
            json!("thisIsoWeek"),
            json!("thisMonth"),
        ]),
        (_, Kind::Track, _) => texts(&["$list0", "$list1"]),
    }
}

pub(super) fn condition() -> impl Strategy<Value = Value> {
    test().prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|all| json!({"all": all})),
            prop::collection::vec(inner.clone(), 0..4).prop_map(|any| json!({"any": any})),
            inner.prop_map(|not| json!({"not": not})),
        ]
    })
}

//! Reads rules from JSON, and says of every fault where it is.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{
    Condition, Field, Kind, MAX_DEPTH, MAX_LIMIT, MAX_TESTS, NumberOp, Predicate, Rules, SortKey, Span, Test,
    TextOp,
};
use crate::FieldError;

const GROUPS: [&str; 3] = ["all", "any", "not"];
const OF_TEST: [&str; 3] = ["field", "op", "value"];
const OPTIONS: [&str; 7] =
    ["sort", "limit", "limitPerAlbum", "limitPerCreator", "maxMinutes", "timezone", "exclude"];
const MAX_EXCLUDED: usize = 500;
const MAX_SORT: usize = 5;
const TEXT_CHARS: usize = 255;

/// What is wrong so far.
#[derive(Default)]
struct Faults(Vec<FieldError>);

impl Faults {
    fn add(&mut self, pointer: impl Into<String>, detail: impl Into<String>) {
        self.0.push(FieldError::new(pointer, detail));
    }
}

pub(super) fn rules(object: &Map<String, Value>) -> Result<Rules, Vec<FieldError>> {
    let mut faults = Faults::default();
    let mut top = object.clone();
    top.retain(|name, _| !OPTIONS.contains(&name.as_str()));
    let condition = condition(&Value::Object(top), String::new(), 0, &mut faults);
    if condition.as_ref().is_some_and(|condition| condition.tests().len() > MAX_TESTS) {
        faults.add("", format!("more than {MAX_TESTS} tests"));
    }
    let mut number = |name: &str, max: u32| match object.get(name) {
        None => None,
        Some(value) => {
            let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
            let number = number.filter(|number| (1..=max).contains(number));
            if number.is_none() {
                faults.add(format!("/{name}"), format!("not a whole number from 1 to {max}"));
            }
            number
        }
    };
    let limit = number("limit", MAX_LIMIT).unwrap_or(MAX_LIMIT);
    let limit_per_album = number("limitPerAlbum", MAX_LIMIT);
    let limit_per_creator = number("limitPerCreator", MAX_LIMIT);
    let max_minutes = number("maxMinutes", 1_000_000);
    let timezone = object.get("timezone").map_or(Some(Tz::UTC), |zone| zone.as_str()?.parse().ok());
    if timezone.is_none() {
        faults.add("/timezone", "not a zone of the IANA time zone database, such as Europe/Berlin");
    }
    let sort = sort(object.get("sort"), &mut faults);
    let exclude = exclude(object.get("exclude"), &mut faults);
    match (condition, timezone) {
        (Some(condition), Some(timezone)) if faults.0.is_empty() => Ok(Rules {
            condition,
            sort,
            limit,
            limit_per_album,
            limit_per_creator,
            max_minutes,
            timezone,
            exclude,
        }),
        _ => Err(faults.0),
    }
}

fn condition(value: &Value, pointer: String, depth: usize, faults: &mut Faults) -> Option<Condition> {
    let Some(object) = value.as_object() else {
        faults.add(pointer, "not an object");
        return None;
    };
    if depth > MAX_DEPTH {
        faults.add(pointer, format!("nested deeper than {MAX_DEPTH} groups"));
        return None;
    }
    let group = GROUPS.into_iter().find(|group| object.contains_key(*group));
    let allowed = group.map_or_else(|| OF_TEST.to_vec(), |group| vec![group]);
    if let Some(stranger) = object.keys().find(|name| !allowed.contains(&name.as_str())) {
        faults.add(format!("{pointer}/{stranger}"), format!("unknown; expected {}", allowed.join(", ")));
        return None;
    }
    let Some(group) = group else {
        return test(object, pointer, faults).map(Condition::Test);
    };
    let inner = object.get(group)?;
    let pointer = format!("{pointer}/{group}");
    if group == "not" {
        return condition(inner, pointer, depth + 1, faults).map(|inner| Condition::Not(Box::new(inner)));
    }
    let Some(items) = inner.as_array() else {
        faults.add(pointer, "not a list");
        return None;
    };
    let read = items
        .iter()
        .enumerate()
        .map(|(index, item)| condition(item, format!("{pointer}/{index}"), depth + 1, faults))
        .collect::<Vec<_>>();
    let conditions = read.into_iter().collect::<Option<Vec<_>>>()?;
    Some(if group == "all" { Condition::All(conditions) } else { Condition::Any(conditions) })
}

fn test(object: &Map<String, Value>, pointer: String, faults: &mut Faults) -> Option<Test> {
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    let Some((field, kind)) = text("field").and_then(Field::named) else {
        faults.add(format!("{pointer}/field"), "no field that rules know");
        return None;
    };
    let Some(op) = text("op") else {
        faults.add(format!("{pointer}/op"), "missing");
        return None;
    };
    let value = object.get("value").unwrap_or(&Value::Null);
    match predicate(kind, op, value) {
        Ok(predicate) => Some(Test { pointer, field, predicate }),
        Err(Fault::Op) => {
            faults.add(format!("{pointer}/op"), format!("cannot be asked of {}", field.name()));
            None
        }
        Err(Fault::Value(wanted)) => {
            faults.add(format!("{pointer}/value"), wanted);
            None
        }
    }
}

enum Fault {
    Op,
    Value(&'static str),
}

fn predicate(kind: Kind, op: &str, value: &Value) -> Result<Predicate, Fault> {
    match (kind, op) {
        (Kind::Text | Kind::Texts | Kind::Time, "isPresent") => {
            no_value(value).map(|()| Predicate::Present(true))
        }
        (Kind::Text | Kind::Texts | Kind::Time, "isMissing") => {
            no_value(value).map(|()| Predicate::Present(false))
        }
        (Kind::Text | Kind::Texts, _) => text_predicate(op, value),
        (Kind::Number | Kind::Numbers, _) => number_predicate(op, value),
        (Kind::Bool, "is") => value.as_bool().map(Predicate::Bool).ok_or(Fault::Value("not true or false")),
        (Kind::Time, _) => time_predicate(op, value),
        (Kind::Track, "inPlaylist" | "notInPlaylist") => {
            let id =
                value.as_str().and_then(|id| id.parse::<Uuid>().ok()).ok_or(Fault::Value("not a UUID"))?;
            Ok(Predicate::OnPlaylist { id, negated: op == "notInPlaylist" })
        }
        (Kind::Bool | Kind::Track, _) => Err(Fault::Op),
    }
}

fn no_value(value: &Value) -> Result<(), Fault> {
    if value.is_null() { Ok(()) } else { Err(Fault::Value("takes no value")) }
}

fn text_predicate(op: &str, value: &Value) -> Result<Predicate, Fault> {
    let (op, negated) = match op {
        "is" => (TextOp::Is, false),
        "isNot" => (TextOp::Is, true),
        "contains" => (TextOp::Contains, false),
        "notContains" => (TextOp::Contains, true),
        "startsWith" => (TextOp::StartsWith, false),
        "endsWith" => (TextOp::EndsWith, false),
        _ => return Err(Fault::Op),
    };
    let text = value
        .as_str()
        .filter(|text| !text.is_empty() && text.chars().count() <= TEXT_CHARS && !text.contains('\0'));
    let value = text.ok_or(Fault::Value("not a text of 1 to 255 characters"))?.to_owned();
    Ok(Predicate::Text { op, value, negated })
}

fn number_predicate(op: &str, value: &Value) -> Result<Predicate, Fault> {
    if op == "inRange" {
        let ends = value.as_array().map(|ends| ends.iter().map(Value::as_f64).collect::<Option<Vec<_>>>());
        return match ends.flatten().as_deref() {
            Some([from, to]) if from <= to => Ok(Predicate::Range(*from, *to)),
            _ => Err(Fault::Value("not two numbers, the lower first")),
        };
    }
    let op = match op {
        "is" => NumberOp::Is,
        "isNot" => NumberOp::IsNot,
        "gt" => NumberOp::Gt,
        "gte" => NumberOp::Gte,
        "lt" => NumberOp::Lt,
        "lte" => NumberOp::Lte,
        _ => return Err(Fault::Op),
    };
    let value = value.as_f64().ok_or(Fault::Value("not a number"))?;
    Ok(Predicate::Number { op, value })
}

fn time_predicate(op: &str, value: &Value) -> Result<Predicate, Fault> {
    match op {
        "before" => instant(value).map(Predicate::Before),
        "after" => instant(value).map(Predicate::After),
        "inTheLast" | "notInTheLast" => {
            span(value).map(|span| Predicate::InTheLast { span, negated: op == "notInTheLast" })
        }
        _ => Err(Fault::Op),
    }
}

/// An instant, or a day, which stands for its beginning in UTC.
fn instant(value: &Value) -> Result<DateTime<Utc>, Fault> {
    let text = value.as_str().unwrap_or_default();
    let day = || Some(text.parse::<NaiveDate>().ok()?.and_time(chrono::NaiveTime::MIN).and_utc());
    text.parse()
        .ok()
        .or_else(day)
        .ok_or(Fault::Value("not an instant (RFC 3339) or a day such as 2026-02-28"))
}

fn span(value: &Value) -> Result<Span, Fault> {
    const WANTED: &str = "not thisIsoWeek, thisMonth, or {\"amount\": 1 to 10000, \"unit\": hours, days, weeks, months or years}";
    match value.as_str() {
        Some("thisIsoWeek") => return Ok(Span::ThisIsoWeek),
        Some("thisMonth") => return Ok(Span::ThisMonth),
        _ => {}
    }
    let amount = value.get("amount").and_then(Value::as_u64).and_then(|amount| u32::try_from(amount).ok());
    let amount = amount.filter(|amount| (1..=10_000).contains(amount)).ok_or(Fault::Value(WANTED))?;
    match value.get("unit").and_then(Value::as_str) {
        Some("hours") => Ok(Span::Hours(amount)),
        Some("days") => Ok(Span::Days(amount)),
        Some("weeks") => Ok(Span::Days(amount * 7)),
        Some("months") => Ok(Span::Months(amount)),
        Some("years") => Ok(Span::Months(amount * 12)),
        _ => Err(Fault::Value(WANTED)),
    }
}

fn sort(value: Option<&Value>, faults: &mut Faults) -> Vec<SortKey> {
    let Some(value) = value else { return Vec::new() };
    let Some(items) = value.as_array().filter(|items| items.len() <= MAX_SORT) else {
        faults.add("/sort", format!("not a list of at most {MAX_SORT} keys"));
        return Vec::new();
    };
    let mut keys = Vec::new();
    for (index, item) in items.iter().enumerate() {
        match sort_key(item) {
            Some(key) => keys.push(key),
            None => {
                faults.add(format!("/sort/{index}"), "no field that tracks can be sorted by, or a bad order");
            }
        }
    }
    keys
}

fn sort_key(item: &Value) -> Option<SortKey> {
    let object = item.as_object()?;
    let name = object.get("field")?.as_str()?;
    if object.keys().any(|key| !["field", "order", "seed"].contains(&key.as_str())) {
        return None;
    }
    if name == "random" {
        return Some(SortKey::Random { seed: object.get("seed").map_or(Some(0), Value::as_i64)? });
    }
    let (field, kind) = Field::named(name)?;
    let is_single = matches!(kind, Kind::Text | Kind::Number | Kind::Bool | Kind::Time);
    let descending = match object.get("order").map(Value::as_str) {
        None | Some(Some("asc")) => false,
        Some(Some("desc")) => true,
        Some(_) => return None,
    };
    (is_single && !object.contains_key("seed")).then_some(SortKey::Field { field, descending })
}

fn exclude(value: Option<&Value>, faults: &mut Faults) -> Vec<Uuid> {
    let Some(value) = value else { return Vec::new() };
    let ids = value
        .as_array()
        .filter(|items| items.len() <= MAX_EXCLUDED)
        .and_then(|items| items.iter().map(|id| id.as_str()?.parse().ok()).collect::<Option<Vec<Uuid>>>());
    if ids.is_none() {
        faults.add("/exclude", format!("not a list of at most {MAX_EXCLUDED} UUIDs"));
    }
    ids.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn faults(rules: &Value) -> Vec<String> {
        let faults = Rules::parse(rules.as_object().expect("an object")).expect_err("they have faults");
        faults.into_iter().map(|fault| fault.pointer).collect()
    }

    #[test]
    fn the_whole_language_is_read() {
        let rules = json!({
            "all": [
                {"field": "genre", "op": "is", "value": "jazz"},
                {"any": [
                    {"field": "playCount", "op": "inRange", "value": [1, 3]},
                    {"not": {"field": "lastPlayed", "op": "inTheLast", "value": {"amount": 2, "unit": "weeks"}}},
                    {"field": "track", "op": "notInPlaylist", "value": Uuid::nil()},
                    {"field": "releaseDate", "op": "before", "value": "2020-01-01"},
                    {"field": "liked", "op": "is", "value": true},
                    {"field": "notes", "op": "isMissing"},
                ]},
            ],
            "sort": [{"field": "rating", "order": "desc"}, {"field": "random", "seed": 7}],
            "limit": 50, "limitPerAlbum": 2, "timezone": "Europe/Berlin", "exclude": [Uuid::nil()],
        });
        let rules = Rules::parse(rules.as_object().expect("an object")).expect("they hold");
        assert_eq!(rules.condition.tests().len(), 7);
        assert_eq!(rules.condition.tests()[2].pointer, "/all/1/any/1/not");
        assert_eq!((rules.limit, rules.sort.len(), rules.exclude.len()), (50, 2, 1));
    }

    #[test]
    fn every_fault_has_its_place() {
        let test = |field: &str, op: &str, value: Value| json!({"all": [{"field": field, "op": op, "value": value}]});
        assert_eq!(faults(&json!({"limit": 5})), ["/field"]);
        assert_eq!(faults(&json!({"all": [], "any": []})), ["/any"]);
        assert_eq!(faults(&json!({"all": {}})), ["/all"]);
        assert_eq!(faults(&json!({"all": [], "colour": 1})), ["/colour"]);
        assert_eq!(faults(&test("smell", "is", json!("sweet"))), ["/all/0/field"]);
        assert_eq!(faults(&test("title", "gt", json!(1))), ["/all/0/op"]);
        assert_eq!(faults(&test("title", "is", json!(1))), ["/all/0/value"]);
        assert_eq!(faults(&test("title", "is", json!("a\u{0}"))), ["/all/0/value"]);
        assert_eq!(faults(&test("rating", "inRange", json!([5, 1]))), ["/all/0/value"]);
        assert_eq!(faults(&test("liked", "isNot", json!(true))), ["/all/0/op"]);
        assert_eq!(
            faults(&test("lastPlayed", "inTheLast", json!({"amount": 0, "unit": "days"}))),
            ["/all/0/value"]
        );
        assert_eq!(faults(&test("track", "inPlaylist", json!("x"))), ["/all/0/value"]);
        assert_eq!(faults(&json!({"all": [], "limit": 0, "timezone": "Mars"})), ["/limit", "/timezone"]);
        assert_eq!(faults(&json!({"all": [], "sort": [{"field": "genre"}]})), ["/sort/0"]);
        assert_eq!(faults(&json!({"all": [], "exclude": ["x"]})), ["/exclude"]);
        let deep = (0..12)
            .fold(json!({"field": "liked", "op": "is", "value": true}), |inner, _| json!({"not": inner}));
        assert_eq!(faults(&deep).len(), 1);
        let many = vec![json!({"field": "liked", "op": "is", "value": true}); 51];
        assert_eq!(faults(&json!({"any": many})), [""]);
    }
}

//! What people write comes back: every field of every request body is sent on the tour, and found under its name where the
//! thing is read afterwards.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, FixedOffset};
use serde_json::Value;

use super::is_of;

/// Bodies and fields that do not come back under their names, each with its reason.
const EXCEPTIONS: [(&str, &str); 30] = [
    ("AddPlaylistTrackRequest.trackId", "the list shows the track itself"),
    ("AdministerAccountRequest", "an admin's, who is not on the tour: the accounts' own tests read it"),
    ("ChangePasswordRequest", "a secret"),
    ("CompareReferencesRequest", "asks, and writes nothing"),
    ("ConfirmPasswordResetRequest", "a secret"),
    ("ConvertGuestRequest.password", "a secret"),
    ("CreateApiKeyRequest.expiresIn", "becomes `expiresAt`"),
    ("CreateInvitationRequest.expiresIn", "becomes `expiresAt`"),
    ("CreateLinkRequest", "is what the link says, signed"),
    ("CreateLyricsRequest.lrc", "becomes `syncedLines`; `GET .../lrc` writes it anew"),
    ("ExchangeApiKeyRequest", "a secret"),
    ("FavoritesBatchRequest", "an order: favourites are what comes of it"),
    ("FetchFileRequest", "another service's, of a server outside: the tests of fetching read it"),
    ("ImportPlaylistRequest", "becomes a playlist: the tests of the exchange read it"),
    ("JoinCircleRequest", "a secret"),
    ("LoginRequest", "a secret"),
    ("PlaylistTracksBatchRequest", "an order: the list is what comes of it"),
    ("PreviewRulesRequest", "asks, and writes nothing"),
    ("PutInOrderRequest", "an order: the list is what comes of it"),
    ("RecordPlayRequest.heard", "becomes `completionRate`, whose source says so"),
    ("RecordPlaysRequest_RecordPlayRequest", "several of `RecordPlayRequest`"),
    ("RecordStreamPlayRequest.heard", "as `RecordPlayRequest.heard`"),
    ("RefreshRequest", "a secret"),
    ("RegisterRequest.password", "a secret"),
    ("ReplayEventsRequest", "an order to the relay"),
    ("RequestPasswordResetRequest", "says of nobody whether there is an account"),
    ("SetProgressRequest.entryId", "the progress lies with the entry"),
    ("StartSessionRequest.quality", "what is wished for: the session shows what there was"),
    ("UpdateLyricsRequest.lrc", "as `CreateLyricsRequest.lrc`"),
    ("UpdateTracksRequest", "`UpdateTrackRequest` for several"),
];

/// A route that takes a JSON body.
struct Operation {
    method: String,
    path: Vec<String>,
    body: String,
}

/// Which fields may be written, and which came back.
pub(super) struct Fields {
    operations: Vec<Operation>,
    written: BTreeMap<String, BTreeSet<String>>,
    came_back: BTreeSet<(String, String)>,
}

impl Fields {
    /// The fields of the bodies that an OpenAPI document names.
    pub(super) fn of(document: &Value) -> Self {
        let mut fields =
            Self { operations: Vec::new(), written: BTreeMap::new(), came_back: BTreeSet::new() };
        for (path, operations) in document["paths"].as_object().unwrap() {
            for (method, operation) in operations.as_object().unwrap() {
                let schema = &operation["requestBody"]["content"]["application/json"]["schema"]["$ref"];
                let Some(body) = schema.as_str().and_then(|name| name.rsplit('/').next()) else { continue };
                let properties = &document["components"]["schemas"][body]["properties"];
                let names = properties.as_object().map(|names| names.keys().cloned().collect());
                fields.written.insert(body.to_owned(), names.unwrap_or_default());
                let (method, body) = (method.to_uppercase(), body.to_owned());
                fields.operations.push(Operation { method, path: segments(path), body });
            }
        }
        fields
    }

    /// Notes which fields of a body that was sent come back in what was read afterwards.
    pub(super) fn note(&mut self, method: &str, path: &str, sent: &Value, read: &[Value]) {
        let path = segments(path);
        let operation = self.operations.iter().find(|one| one.method == method && fits(&one.path, &path));
        let (Some(operation), Some(sent)) = (operation, sent.as_object()) else { return };
        for (name, value) in sent {
            if read.iter().any(|read| holds(read, name, value)) {
                self.came_back.insert((operation.body.clone(), name.clone()));
            }
        }
    }

    /// All came back but those that have a reason, and those have one for as long as they need it.
    pub(super) fn expect_all(&self) {
        let silent = self.silent();
        let excepted = |field: &String| EXCEPTIONS.iter().any(|(exception, _)| is_of(field, exception));
        let lost: Vec<_> = silent.iter().filter(|field| !excepted(field)).collect();
        assert!(lost.is_empty(), "written, and not read back: {lost:#?}");
        for (exception, _) in EXCEPTIONS {
            assert!(
                silent.iter().any(|field| is_of(field, exception)),
                "{exception} is no exception any more"
            );
        }
    }

    /// Fields that never came back.
    fn silent(&self) -> Vec<String> {
        let all = self.written.iter().flat_map(|(body, names)| names.iter().map(move |name| (body, name)));
        let silent = all.filter(|(body, name)| !self.came_back.contains(&((*body).clone(), (*name).clone())));
        silent.map(|(body, name)| format!("{body}.{name}")).collect()
    }
}

fn segments(path: &str) -> Vec<String> {
    path.split(['/', '?']).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

fn fits(template: &[String], path: &[String]) -> bool {
    template.len() == path.len()
        && template.iter().zip(path).all(|(template, part)| template.starts_with('{') || template == part)
}

/// Whether something that was read has a field of this name with this value, at any depth.
fn holds(read: &Value, name: &str, value: &Value) -> bool {
    match read {
        Value::Object(fields) => {
            fields.get(name).is_some_and(|found| is_same(value, found))
                || fields.values().any(|inner| holds(inner, name, value))
        }
        Value::Array(items) => items.iter().any(|item| holds(item, name, value)),
        _ => false,
    }
}

/// Numbers by their value, times by their instant, objects by what was sent of them.
fn is_same(sent: &Value, read: &Value) -> bool {
    match (sent, read) {
        (Value::Number(sent), Value::Number(read)) => sent.as_f64() == read.as_f64(),
        (Value::String(sent), Value::String(read)) => {
            let instant = |text: &str| text.parse::<DateTime<FixedOffset>>().ok();
            sent == read || instant(sent).is_some_and(|sent| instant(read) == Some(sent))
        }
        (Value::Array(sent), Value::Array(read)) => {
            sent.len() == read.len() && sent.iter().all(|sent| read.iter().any(|read| is_same(sent, read)))
        }
        (Value::Object(sent), Value::Object(read)) => {
            sent.iter().all(|(name, sent)| read.get(name).is_some_and(|read| is_same(sent, read)))
        }
        _ => sent == read,
    }
}

//! Every rule of every request is broken once and says where.

use contracts::{events, music, page};
use garde::Validate;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::examples::example;

/// Puts each value into the valid example and expects the type to refuse it there.
pub(crate) fn refuses<T>(name: &str, faults: &[(&str, Value)])
where
    T: DeserializeOwned + Validate<Context = ()>,
{
    let valid: T = serde_json::from_value(example(name)).unwrap();
    valid.validate().unwrap_or_else(|report| panic!("the example of {name}: {report}"));
    for (field, value) in faults {
        let mut body = example(name);
        body[*field] = value.clone();
        let read: T =
            serde_json::from_value(body).unwrap_or_else(|error| panic!("{name}.{field} {value}: {error}"));
        let report = read.validate().expect_err(&format!("{name}.{field} {value}"));
        let snake = snake_case(field);
        for (path, _) in report.iter() {
            assert!(path.to_string().starts_with(&snake), "{name}.{field} {value}: {path}");
        }
    }
}

/// garde names the field of the struct; the HTTP layer makes it the pointer of the wire.
fn snake_case(field: &str) -> String {
    let mut snake = String::new();
    for c in field.chars() {
        if c.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

pub(crate) fn refuses_unknown<T: DeserializeOwned>(name: &str) {
    let mut body = example(name);
    body["unheardOf"] = json!(1);
    assert!(serde_json::from_value::<T>(body).is_err(), "{name}");
}

pub(crate) fn long(chars: usize) -> Value {
    "a".repeat(chars).into()
}

pub(crate) fn many(items: usize) -> Value {
    vec!["a"; items].into()
}

/// What every text refuses.
pub(crate) fn texts(field: &'static str, max: usize) -> Vec<(&'static str, Value)> {
    vec![(field, json!(" ")), (field, json!("a\u{0}b")), (field, long(max + 1))]
}

fn descriptive() -> Vec<(&'static str, Value)> {
    let mut faults = texts("title", 255);
    faults.extend(texts("mood", 50));
    faults.extend([
        ("genres", many(21)),
        ("genres", json!([""])),
        ("genres", json!([long(51)])),
        ("language", json!("English")),
        ("metadata", json!({"note": long(16 * 1024)})),
        ("metadata", json!({"note": "a\u{0}b"})),
        ("status", json!("deleted")),
    ]);
    faults
}

#[test]
fn albums() {
    let mut faults = descriptive();
    faults.extend(texts("description", 4000));
    refuses::<music::CreateAlbumRequest>("CreateAlbumRequest", &faults);
    refuses::<music::UpdateAlbumRequest>("UpdateAlbumRequest", &faults);
    refuses_unknown::<music::CreateAlbumRequest>("CreateAlbumRequest");
    refuses_unknown::<music::UpdateAlbumRequest>("UpdateAlbumRequest");
    refuses::<music::ListAlbumsQuery>("ListAlbumsQuery", &[("title", json!(""))]);
}

#[test]
fn tracks() {
    let mut faults = descriptive();
    faults.extend([
        ("tags", many(51)),
        ("tags", json!([long(51)])),
        ("trackNumber", json!(0)),
        ("trackNumber", json!(10_000)),
        ("discNumber", json!(0)),
        ("discNumber", json!(1000)),
    ]);
    refuses::<music::CreateTrackRequest>("CreateTrackRequest", &faults);
    refuses::<music::UpdateTrackRequest>("UpdateTrackRequest", &faults);
    refuses_unknown::<music::CreateTrackRequest>("CreateTrackRequest");
    refuses_unknown::<music::UpdateTrackRequest>("UpdateTrackRequest");
    for request in ["CreateAlbumRequest", "CreateTrackRequest"] {
        let mut body = example(request);
        body["status"] = json!("archived");
        let is_refused = match request {
            "CreateAlbumRequest" => {
                serde_json::from_value::<music::CreateAlbumRequest>(body).unwrap().validate().is_err()
            }
            _ => serde_json::from_value::<music::CreateTrackRequest>(body).unwrap().validate().is_err(),
        };
        assert!(is_refused, "{request}");
    }
    let ids = example("UpdateTracksRequest")["trackIds"].clone();
    let twice = json!([ids[0], ids[0]]);
    refuses::<music::UpdateTracksRequest>(
        "UpdateTracksRequest",
        &[("trackIds", json!([])), ("trackIds", twice), ("changes", json!({"title": ""}))],
    );
    refuses_unknown::<music::UpdateTracksRequest>("UpdateTracksRequest");
    refuses::<music::ListRenditionsQuery>(
        "ListRenditionsQuery",
        &[("limit", json!(0)), ("cursor", long(1025))],
    );
    refuses_unknown::<music::ListRenditionsQuery>("ListRenditionsQuery");
    refuses_unknown::<music::StreamQuery>("StreamQuery");
    let faults = [
        ("q", long(101)),
        ("genre", long(51)),
        ("language", long(36)),
        ("mood", long(51)),
        ("limit", json!(0)),
    ];
    refuses::<music::CatalogQuery>("CatalogQuery", &faults);
    let faults: Vec<_> = faults.into_iter().chain([("cursor", long(2049))]).collect();
    refuses::<music::ListTracksQuery>("ListTracksQuery", &faults);
    refuses::<music::ListAlbumsQuery>("ListAlbumsQuery", &faults);
}

#[test]
fn plays() {
    let mut faults = texts("sessionId", 255);
    faults.extend([
        ("playedAt", json!("2004-12-31T23:59:59Z")),
        ("duration", json!(-1)),
        ("duration", json!(86_401)),
        ("completionRate", json!(-0.1)),
        ("completionRate", json!(1.1)),
        ("heard", json!([])),
        ("heard", json!([[5, 5]])),
        ("heard", vec![[0, 1]; 1001].into()),
        ("context", json!({"note": long(4096)})),
        ("deviceType", json!("unknown")),
        ("utcOffsetMinutes", json!(841)),
        ("utcOffsetMinutes", json!(-841)),
    ]);
    refuses::<music::RecordPlayRequest>("RecordPlayRequest", &faults);
    let more = ["skipCount", "pauseCount", "seekCount"].map(|field| (field, json!(-1)));
    faults.extend(more);
    faults.push(("networkInfo", json!({"note": long(16 * 1024)})));
    refuses::<music::RecordStreamPlayRequest>("RecordStreamPlayRequest", &faults);
    refuses_unknown::<music::RecordStreamPlayRequest>("RecordStreamPlayRequest");
    refuses::<music::RecordPlaysRequest>("RecordPlaysRequest", &[("plays", json!([]))]);
    refuses_unknown::<music::RecordPlayRequest>("RecordPlayRequest");
    refuses::<music::RecentlyPlayedQuery>("RecentlyPlayedQuery", &[("limit", json!(101))]);
    refuses::<page::PageQuery>("PageQuery", &[("limit", json!(0)), ("cursor", long(1025))]);
}

#[test]
fn audio_jobs() {
    refuses::<music::CreateAudioJobRequest>(
        "CreateAudioJobRequest",
        &[
            ("outputFormat", json!("png")),
            ("bitrate", json!(31_999)),
            ("bitrate", json!(320_001)),
            ("targetLufs", json!(-4.9)),
            ("targetLufs", json!(-41)),
            ("priority", json!(10)),
            ("metadata", json!({"note": long(16 * 1024)})),
        ],
    );
    refuses_unknown::<music::CreateAudioJobRequest>("CreateAudioJobRequest");
    let order = |processing: &str, field: &str, value: Value| {
        let mut body =
            json!({"trackId": example("CreateAudioJobRequest")["trackId"], "processingType": processing});
        body[field] = value;
        serde_json::from_value::<music::CreateAudioJobRequest>(body).unwrap().validate().is_ok()
    };
    assert!(order("convert", "outputFormat", json!("mp3")));
    assert!(!order("convert", "priority", json!(1)), "convert into what?");
    assert!(!order("waveform", "outputFormat", json!("mp3")));
    assert!(!order("waveform", "targetLufs", json!(-14)));
    assert!(order("waveform", "priority", json!(1)));
}

#[test]
fn deliveries() {
    let mut faults = vec![("specversion", json!("0.3"))];
    faults
        .extend(["source", "subject"].into_iter().flat_map(|field| [(field, json!("")), (field, long(256))]));
    refuses::<events::Event>("Event", &faults);
    let none: events::EventBatch = serde_json::from_value(json!([])).unwrap();
    assert!(none.validate().is_err());
    let event: events::Event = serde_json::from_value(example("Event")).unwrap();
    assert!(events::EventBatch(vec![event; events::BATCH + 1]).validate().is_err());
    refuses::<events::ReplayEventsRequest>(
        "ReplayEventsRequest",
        &[("subscriber", json!("")), ("subscriber", long(33))],
    );
    refuses_unknown::<events::ReplayEventsRequest>("ReplayEventsRequest");
}

#[test]
fn sessions() {
    let mut faults = texts("deviceId", 255);
    faults.push(("metadata", json!({"note": long(16 * 1024)})));
    refuses::<music::StartSessionRequest>("StartSessionRequest", &faults);
    refuses_unknown::<music::StartSessionRequest>("StartSessionRequest");
    let mut faults: Vec<_> =
        ["bytesStreamed", "skipCount", "pauseCount", "seekCount", "bufferEvents", "qualityAdaptations"]
            .map(|field| (field, json!(-1)))
            .into();
    faults.extend([
        ("status", json!("aborted")),
        ("heard", json!([])),
        ("heard", json!([[9, 3]])),
        ("errors", many(51)),
        ("errors", json!([long(501)])),
        ("networkInfo", json!({"note": long(16 * 1024)})),
    ]);
    refuses::<music::UpdateSessionRequest>("UpdateSessionRequest", &faults);
    refuses_unknown::<music::UpdateSessionRequest>("UpdateSessionRequest");
    let mut faults = texts("sessionId", 255);
    faults.extend([
        ("context", json!({"note": long(4096)})),
        ("deviceType", json!("unknown")),
        ("utcOffsetMinutes", json!(841)),
    ]);
    refuses::<music::EndSessionRequest>("EndSessionRequest", &faults);
    refuses_unknown::<music::EndSessionRequest>("EndSessionRequest");
}

#[test]
fn stats() {
    let zone = ("timezone", json!("Mars/Olympus"));
    refuses::<music::StatsQuery>("StatsQuery", &[zone.clone(), ("limit", json!(0)), ("limit", json!(1001))]);
    refuses::<music::CalendarQuery>("CalendarQuery", std::slice::from_ref(&zone));
    refuses::<music::ZoneQuery>("ZoneQuery", &[zone]);
}

#[test]
fn favorites() {
    let rating = [("rating", json!(0)), ("rating", json!(6))];
    let tags = [("tags", many(2)), ("tags", json!([long(51)])), ("tags", json!([""]))];
    let numbers: Value = (0..51).map(|number| number.to_string()).collect::<Vec<_>>().into();
    let mut faults = texts("notes", 4000);
    faults.extend(rating.clone());
    faults.extend(tags.clone());
    faults.push(("tags", numbers));
    refuses::<music::UpdateFavoriteTrackRequest>("UpdateFavoriteTrackRequest", &faults);
    refuses_unknown::<music::UpdateFavoriteTrackRequest>("UpdateFavoriteTrackRequest");
    refuses::<music::NotesRequest>("NotesRequest", &texts("notes", 4000));
    refuses::<music::TagsRequest>("TagsRequest", &tags);
    refuses::<music::RateRequest>("RateRequest", &rating);
    assert!(serde_json::from_value::<music::RateRequest>(json!({})).is_err(), "a rating must be told");
    refuses::<music::UpdateFollowRequest>("UpdateFollowRequest", &rating);
    let track = json!("018f3b5c-0000-7000-8000-000000000004");
    let mut faults = rating.to_vec();
    faults.push(("favoriteTrackIds", json!([track, track])));
    faults.push(("favoriteTrackIds", vec![track.clone(); 201].into()));
    refuses::<music::UpdateFavoriteAlbumRequest>("UpdateFavoriteAlbumRequest", &faults);
    refuses::<music::LikedTracksQuery>("LikedTracksQuery", &[("tag", long(51)), ("rating", json!(0))]);
    refuses::<music::FavoritesQuery>("FavoritesQuery", &[("rating", json!(6)), ("limit", json!(0))]);
    refuses::<music::FavoritesBatchRequest>(
        "FavoritesBatchRequest",
        &[("add", json!([track, track])), ("remove", json!([track]))],
    );
}

#[test]
fn playlists() {
    let mut faults = texts("name", 255);
    faults.extend(texts("description", 2000));
    faults.extend(texts("mood", 50));
    faults.extend(texts("genre", 50));
    faults.extend([
        ("icon", json!("rain")),
        ("color", json!("red")),
        ("language", json!("English")),
        ("tags", many(2)),
        ("tags", json!([long(51)])),
        ("metadata", json!({"note": long(16 * 1024)})),
        ("rules", json!({"note": long(16 * 1024)})),
    ]);
    refuses::<music::PreviewRulesRequest>(
        "PreviewRulesRequest",
        &[("rules", json!({"note": long(16 * 1024)}))],
    );
    refuses::<music::CreatePlaylistRequest>("CreatePlaylistRequest", &faults);
    refuses::<music::UpdatePlaylistRequest>("UpdatePlaylistRequest", &faults);
    refuses_unknown::<music::CreatePlaylistRequest>("CreatePlaylistRequest");
    refuses_unknown::<music::UpdatePlaylistRequest>("UpdatePlaylistRequest");
    refuses::<music::ListPlaylistsQuery>("ListPlaylistsQuery", &[("q", long(101)), ("limit", json!(0))]);
    refuses::<music::AddPlaylistTrackRequest>("AddPlaylistTrackRequest", &[("position", json!(-1))]);
    let track = "018f3b5c-0000-7000-8000-000000000004";
    refuses::<music::PlaylistTracksBatchRequest>(
        "PlaylistTracksBatchRequest",
        &[("add", json!([track, track])), ("remove", json!([track, track]))],
    );
    refuses::<music::OrderPlaylistRequest>(
        "OrderPlaylistRequest",
        &[("moves", json!([])), ("moves", json!([{"trackId": track, "to": -1}]))],
    );
    refuses_unknown::<music::AddCollaboratorRequest>("AddCollaboratorRequest");
    let mut faults = texts("name", 255);
    faults.extend([("content", json!("")), ("content", long(524_289))]);
    refuses::<music::ImportPlaylistRequest>("ImportPlaylistRequest", &faults);
}

//! Every rule of requests to user-service and storage-service, broken once.

use contracts::{storage, user};
use garde::Validate;
use serde_json::json;

use crate::refusals::{long, refuses, refuses_unknown, texts};

#[test]
fn accounts() {
    let mut faults = texts("displayName", 100);
    faults.extend([("timezone", json!("Mars/Olympus")), ("language", json!("English"))]);
    let preferences = [("preferences", json!({"note": long(16 * 1024)}))];
    refuses::<user::UpdateAccountRequest>(
        "UpdateAccountRequest",
        &[faults.clone(), preferences.to_vec()].concat(),
    );
    refuses_unknown::<user::UpdateAccountRequest>("UpdateAccountRequest");
    faults.extend([
        ("email", json!("nobody")),
        ("email", format!("{}@example.org", "a".repeat(250)).into()),
        ("password", json!("seven77")),
        ("password", long(129)),
    ]);
    refuses::<user::RegisterRequest>("RegisterRequest", &faults);
    refuses_unknown::<user::RegisterRequest>("RegisterRequest");
    let faults =
        [("email", json!("")), ("email", long(255)), ("password", json!("")), ("password", long(129))];
    refuses::<user::LoginRequest>("LoginRequest", &faults);
    refuses::<user::RefreshRequest>(
        "RefreshRequest",
        &[("refreshToken", json!("")), ("refreshToken", long(257))],
    );
    let mut faults = texts("bio", 2000);
    faults.extend(texts("lastVisitedRoute", 500));
    refuses::<user::UpdateProfileRequest>("UpdateProfileRequest", &faults);
    refuses_unknown::<user::UpdateProfileRequest>("UpdateProfileRequest");
}

#[test]
fn files() {
    refuses::<storage::ListFilesQuery>(
        "ListFilesQuery",
        &[
            ("checksum", long(63)),
            ("checksum", json!("ä".repeat(32))),
            ("limit", json!(0)),
            ("q", json!("")),
            ("q", long(101)),
            ("tag", json!("")),
            ("tag", long(51)),
            ("contentType", json!("")),
            ("contentType", long(256)),
            ("minSize", json!(-1)),
            ("maxSize", json!(-1)),
        ],
    );
    refuses::<storage::UpdateFileRequest>(
        "UpdateFileRequest",
        &[
            ("originalName", json!("")),
            ("originalName", json!(" ")),
            ("originalName", json!("..")),
            ("originalName", json!("a/b")),
            ("originalName", json!("a\\b")),
            ("originalName", json!("a\r\nb")),
            ("originalName", long(256)),
            ("tags", json!(vec!["a"; 51])),
            ("tags", json!([""])),
            ("tags", json!([long(51)])),
            ("metadata", json!({"note": long(16 * 1024)})),
        ],
    );
    refuses_unknown::<storage::UpdateFileRequest>("UpdateFileRequest");
    refuses::<storage::FetchFileRequest>(
        "FetchFileRequest",
        &[
            ("url", json!("")),
            ("url", json!(" ")),
            ("url", long(2049)),
            ("originalName", json!("..")),
            ("originalName", json!("a/b")),
            ("originalName", long(256)),
            ("tags", json!(vec!["a"; 51])),
            ("tags", json!([""])),
            ("tags", json!([long(51)])),
        ],
    );
    refuses_unknown::<storage::FetchFileRequest>("FetchFileRequest");
    let limits = [("limit", json!(0)), ("limit", json!(101)), ("cursor", long(1025))];
    refuses::<storage::AccessDaysQuery>("AccessDaysQuery", &limits);
    refuses_unknown::<storage::AccessDaysQuery>("AccessDaysQuery");
    refuses::<storage::UpdateUsageRequest>("UpdateUsageRequest", &[("bytesLimit", json!(-1))]);
    refuses_unknown::<storage::UpdateUsageRequest>("UpdateUsageRequest");
    refuses::<storage::CompareReferencesRequest>("CompareReferencesRequest", &[("owners", json!([]))]);
    refuses_unknown::<storage::CompareReferencesRequest>("CompareReferencesRequest");
    refuses::<storage::ServeQuery>("ServeQuery", &[("grant", long(4097)), ("version", json!(0))]);
}

#[test]
fn views_and_links() {
    let side = |name| [(name, json!(0)), (name, json!(2049))];
    let mut faults = vec![("grant", long(4097)), ("version", json!(0)), ("format", json!("mp3"))];
    faults.extend(side("w").into_iter().chain(side("h")));
    refuses::<storage::ViewQuery>("ViewQuery", &faults);
    refuses::<storage::CreateLinkRequest>(
        "CreateLinkRequest",
        &[
            ("version", json!(0)),
            ("expiresIn", json!(0)),
            ("expiresIn", json!(86_401)),
            ("maxUses", json!(0)),
            ("maxUses", json!(1_000_001)),
        ],
    );
    refuses_unknown::<storage::CreateLinkRequest>("CreateLinkRequest");
}

#[test]
fn versions() {
    refuses::<storage::ChangeQuery>("ChangeQuery", &texts("changeDescription", 500));
    refuses_unknown::<storage::ChangeQuery>("ChangeQuery");
}

#[test]
fn processing_jobs() {
    refuses::<storage::OrderJobRequest>(
        "OrderJobRequest",
        &[
            ("inputParams", json!({"note": long(16 * 1024)})),
            ("priority", json!(-1)),
            ("priority", json!(10)),
            ("version", json!(0)),
            ("dedupeKey", json!("")),
            ("dedupeKey", json!(" ")),
            ("dedupeKey", long(201)),
        ],
    );
    refuses_unknown::<storage::OrderJobRequest>("OrderJobRequest");
    refuses_unknown::<storage::NoParams>("NoParams");
    let size = [("size", json!(15)), ("size", json!(1025)), ("format", json!("mp3"))];
    refuses::<storage::ThumbnailParams>("ThumbnailParams", &size);
    refuses_unknown::<storage::ThumbnailParams>("ThumbnailParams");
    let sides = [
        ("width", json!(0)),
        ("width", json!(8193)),
        ("height", json!(0)),
        ("height", json!(8193)),
        ("format", json!("wav")),
    ];
    refuses::<storage::ResizeParams>("ResizeParams", &sides);
    refuses_unknown::<storage::ResizeParams>("ResizeParams");
    assert!(serde_json::from_value::<storage::ResizeParams>(json!({})).unwrap().validate().is_err());
    let bitrate = [("bitrate", json!(31_999)), ("bitrate", json!(320_001))];
    let quality = [("quality", json!(0)), ("quality", json!(101))];
    refuses::<storage::ConvertParams>("ConvertParams", &[bitrate.clone(), quality.clone()].concat());
    refuses_unknown::<storage::ConvertParams>("ConvertParams");
    assert!(serde_json::from_value::<storage::ConvertParams>(json!({})).is_err(), "a format must be told");
    refuses::<storage::CompressParams>("CompressParams", &quality);
    refuses::<storage::CompressParams>("CompressParams", &[("format", json!("flac"))]);
    refuses_unknown::<storage::CompressParams>("CompressParams");
    let loudness = [("targetLufs", json!(-40.1)), ("targetLufs", json!(-4.9)), ("format", json!("jpeg"))];
    refuses::<storage::NormalizeParams>("NormalizeParams", &[bitrate.to_vec(), loudness.to_vec()].concat());
    refuses_unknown::<storage::NormalizeParams>("NormalizeParams");
    refuses::<storage::WaveformParams>("WaveformParams", &[("points", json!(49)), ("points", json!(10_001))]);
    refuses_unknown::<storage::WaveformParams>("WaveformParams");
    refuses::<storage::ListJobsQuery>("ListJobsQuery", &[("limit", json!(0)), ("limit", json!(101))]);
}

#[test]
fn administration() {
    let faults = [
        ("email", json!("")),
        ("email", long(255)),
        ("limit", json!(0)),
        ("limit", json!(101)),
        ("cursor", long(1025)),
    ];
    refuses::<user::ListAccountsQuery>("ListAccountsQuery", &faults);
    refuses_unknown::<user::ListAccountsQuery>("ListAccountsQuery");
    refuses::<user::AdministerAccountRequest>("AdministerAccountRequest", &[("status", json!("deleted"))]);
    refuses_unknown::<user::AdministerAccountRequest>("AdministerAccountRequest");
    let faults = [
        ("currentPassword", json!("")),
        ("currentPassword", long(129)),
        ("newPassword", json!("seven77")),
        ("newPassword", long(129)),
    ];
    refuses::<user::ChangePasswordRequest>("ChangePasswordRequest", &faults);
    refuses_unknown::<user::ChangePasswordRequest>("ChangePasswordRequest");
}

#[test]
fn circles() {
    let faults = [
        ("maxUses", json!(0)),
        ("maxUses", json!(1001)),
        ("expiresIn", json!(59)),
        ("expiresIn", json!(90 * 24 * 60 * 60 + 1)),
    ];
    refuses::<user::CreateInvitationRequest>("CreateInvitationRequest", &faults);
    refuses_unknown::<user::CreateInvitationRequest>("CreateInvitationRequest");
    let faults = [("token", json!("")), ("token", json!("a".repeat(257)))];
    refuses::<user::JoinCircleRequest>("JoinCircleRequest", &faults);
    refuses_unknown::<user::JoinCircleRequest>("JoinCircleRequest");
}

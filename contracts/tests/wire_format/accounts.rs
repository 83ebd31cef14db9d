//! Every rule of requests about guests, keys, consents and privacy, broken once.

use contracts::user;
use serde_json::json;

use crate::refusals::{long, refuses, refuses_unknown, texts};

#[test]
fn guests() {
    let mut faults = texts("displayName", 100);
    let password = [("email", json!("nobody")), ("password", json!("seven77")), ("password", long(129))];
    refuses::<user::ConvertGuestRequest>(
        "ConvertGuestRequest",
        &[faults.clone(), password.to_vec()].concat(),
    );
    refuses_unknown::<user::ConvertGuestRequest>("ConvertGuestRequest");
    faults.extend([("timezone", json!("Mars/Olympus")), ("language", json!("English"))]);
    refuses::<user::BeginGuestRequest>("BeginGuestRequest", &faults);
    refuses_unknown::<user::BeginGuestRequest>("BeginGuestRequest");
}

#[test]
fn passwords() {
    let long_address = format!("{}@example.org", "a".repeat(250));
    let faults = [("email", json!("nobody")), ("email", json!(long_address))];
    refuses::<user::RequestPasswordResetRequest>("RequestPasswordResetRequest", &faults);
    refuses_unknown::<user::RequestPasswordResetRequest>("RequestPasswordResetRequest");
    let faults = [
        ("token", json!("")),
        ("token", long(257)),
        ("newPassword", json!("seven77")),
        ("newPassword", long(129)),
    ];
    refuses::<user::ConfirmPasswordResetRequest>("ConfirmPasswordResetRequest", &faults);
    refuses_unknown::<user::ConfirmPasswordResetRequest>("ConfirmPasswordResetRequest");
}

#[test]
fn api_keys() {
    let mut faults = texts("name", 100);
    refuses::<user::UpdateApiKeyRequest>("UpdateApiKeyRequest", &faults);
    refuses_unknown::<user::UpdateApiKeyRequest>("UpdateApiKeyRequest");
    faults.extend([
        ("scopes", json!([])),
        ("scopes", json!(["read", "read"])),
        ("expiresIn", json!(59)),
        ("expiresIn", json!(2 * 366 * 24 * 60 * 60 + 1)),
    ]);
    refuses::<user::CreateApiKeyRequest>("CreateApiKeyRequest", &faults);
    refuses_unknown::<user::CreateApiKeyRequest>("CreateApiKeyRequest");
    refuses::<user::ExchangeApiKeyRequest>(
        "ExchangeApiKeyRequest",
        &[("key", json!("")), ("key", long(257))],
    );
    refuses_unknown::<user::ExchangeApiKeyRequest>("ExchangeApiKeyRequest");
}

#[test]
fn consents_and_privacy() {
    let mut faults = vec![("purpose", json!("")), ("purpose", json!("Analytics")), ("purpose", long(65))];
    let list = [("limit", json!(0)), ("limit", json!(101)), ("cursor", long(1025)), ("purpose", json!(""))];
    refuses::<user::ListConsentsQuery>("ListConsentsQuery", &list);
    refuses_unknown::<user::ListConsentsQuery>("ListConsentsQuery");
    faults.extend(texts("policyVersion", 64));
    faults.extend(texts("source", 64));
    refuses::<user::RecordConsentRequest>("RecordConsentRequest", &faults);
    refuses_unknown::<user::RecordConsentRequest>("RecordConsentRequest");
    refuses::<user::DataRequestQuery>("DataRequestQuery", &[("receipt", json!("")), ("receipt", long(257))]);
    refuses_unknown::<user::DataRequestQuery>("DataRequestQuery");
    refuses_unknown::<user::EraseRequest>("EraseRequest");
}

//! Headers and query parameters that have a grammar of ours or of an RFC.
#![no_main]

use actix_web::FromRequest;
use actix_web::http::header::IF_MATCH;
use actix_web::test::TestRequest;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let _ = http_kit::user_agent::parse(text);
    let _ = http_kit::cursor::decode::<(i32, i32)>(Some(text));
    // Only what a server would have let through as a header.
    if actix_web::http::header::HeaderValue::from_str(text).is_ok() {
        let request = TestRequest::default().insert_header((IF_MATCH, text)).to_http_request();
        let _ = http_kit::IfMatch::extract(&request);
    }
    storage_service::fuzzing::headers(text);
});

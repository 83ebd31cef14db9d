//! What people write, as its analysis reads it.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| user_service::fuzzing::entry(text));

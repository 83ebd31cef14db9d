//! Lyrics with times.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| music_service::fuzzing::lyrics(text));

//! Playlists of other players: M3U8, JSPF, XSPF.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| music_service::fuzzing::playlists(text));

//! Rules of smart playlists.
#![no_main]

use contracts::music::rules::Rules;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(rules) = serde_json::from_slice(bytes) else { return };
    if let Err(faults) = Rules::parse(&rules) {
        assert!(!faults.is_empty(), "refused without a reason");
    }
});

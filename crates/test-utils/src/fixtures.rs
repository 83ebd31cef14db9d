//! Small files of this project's own making: one second of a tone each, tagged as tracks 1 to 7 of the album "Tones", and a
//! picture.

/// Sound files by name: mp3 with a cover, flac, Ogg Vorbis, Opus, AAC, ALAC, PCM.
pub const TONES: [(&str, &[u8]); 7] = [
    ("tone.mp3", include_bytes!("../fixtures/tone.mp3")),
    ("tone.flac", include_bytes!("../fixtures/tone.flac")),
    ("tone.ogg", include_bytes!("../fixtures/tone.ogg")),
    ("tone.opus", include_bytes!("../fixtures/tone.opus")),
    ("tone.m4a", include_bytes!("../fixtures/tone.m4a")),
    ("tone-alac.m4a", include_bytes!("../fixtures/tone-alac.m4a")),
    ("tone.wav", include_bytes!("../fixtures/tone.wav")),
];

/// A square of 48 pixels.
pub const PICTURE: &[u8] = include_bytes!("../fixtures/cover.png");

/// A sound file by its name.
#[must_use]
pub fn tone(name: &str) -> &'static [u8] {
    TONES.iter().find(|(known, _)| *known == name).map(|(_, bytes)| *bytes).unwrap()
}

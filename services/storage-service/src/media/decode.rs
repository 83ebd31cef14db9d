//! Sound out of a file, piece by piece, by symphonia: never more than one packet of it is in memory.

use std::fs::File;
use std::io;
use std::path::Path;

use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::MetadataOptions;

use super::{Control, Fault};

/// What is beyond this is no music: loudness and peaks of it would be of no use to anyone.
const MAX_CHANNELS: usize = 8;
const MAX_RATE: u32 = 384_000;
/// Packets in a row that may be damaged.
const MAX_DAMAGED: u32 = 100;

/// Samples between -1 and 1, those of one instant side by side.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece<'a> {
    pub(crate) samples: &'a [f32],
    pub(crate) channels: usize,
    pub(crate) rate: u32,
    /// Whether 16 bits would not hold what the source holds.
    pub(crate) is_fine: bool,
}

impl Piece<'_> {
    fn frames(&self) -> u64 {
        u64::try_from(self.samples.len() / self.channels).unwrap_or(u64::MAX)
    }
}

/// Gives every piece of a sound file to `take`, in their order.
///
/// # Errors
/// `unsupported` for codecs that are not known here, `unreadable` for damaged and cut off files.
pub(crate) fn decode(
    path: &Path,
    control: &Control,
    mut take: impl FnMut(Piece<'_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut stream = Stream::open(path)?;
    let (mut samples, mut frames) = (Vec::new(), 0);
    while let Some((channels, rate)) = stream.next(&mut samples)? {
        control.check()?;
        let piece = Piece { samples: &samples, channels, rate, is_fine: stream.is_fine };
        frames += piece.frames();
        if let Some(expected) = stream.expected {
            control.reached(frames, expected);
        }
        take(piece)?;
    }
    stream.check_end(frames)
}

struct Stream {
    format: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    track: u32,
    /// Frames, as the head of the file says.
    expected: Option<u64>,
    is_fine: bool,
    /// Channels and rate of the pieces so far.
    shape: Option<(usize, u32)>,
}

impl Stream {
    fn open(path: &Path) -> Result<Self, Fault> {
        let source = Box::new(File::open(path)?);
        let source = MediaSourceStream::new(source, MediaSourceStreamOptions::default());
        let format = symphonia::default::get_probe()
            .probe(&Hint::new(), source, FormatOptions::default(), MetadataOptions::default())
            .map_err(refuse)?;
        let track = format.default_track(TrackType::Audio).ok_or_else(no_sound)?;
        let parameters = track.codec_params.as_ref().and_then(|p| p.audio()).ok_or_else(no_sound)?;
        let decoder = symphonia::default::get_codecs()
            .make_audio_decoder(parameters, &AudioDecoderOptions::default())
            .map_err(refuse)?;
        let is_fine = parameters.bits_per_sample.is_some_and(|bits| bits > 16);
        let (track, expected) = (track.id, track.num_frames);
        Ok(Self { format, decoder, track, expected, is_fine, shape: None })
    }

    /// The samples of the next packet; its channels and rate, or nothing at the end.
    fn next(&mut self, samples: &mut Vec<f32>) -> Result<Option<(usize, u32)>, Fault> {
        let mut damaged = 0;
        loop {
            let packet = match self.format.next_packet() {
                Ok(Some(packet)) => packet,
                Ok(None) => return Ok(None),
                Err(Error::IoError(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    return Ok(None);
                }
                Err(error) => return Err(refuse(error)),
            };
            if packet.track_id != self.track {
                continue;
            }
            match self.decoder.decode(&packet) {
                Ok(piece) if piece.frames() == 0 => {}
                Ok(piece) => {
                    let shape = (piece.spec().channels().count(), piece.spec().rate());
                    piece.copy_to_vec_interleaved(samples);
                    return self.accept(shape).map(Some);
                }
                // What a player would skip.
                Err(Error::DecodeError(_)) if damaged < MAX_DAMAGED => damaged += 1,
                Err(error) => return Err(refuse(error)),
            }
        }
    }

    fn accept(&mut self, shape: (usize, u32)) -> Result<(usize, u32), Fault> {
        let (channels, rate) = shape;
        if !(1..=MAX_CHANNELS).contains(&channels) || !(1..=MAX_RATE).contains(&rate) {
            return Err(Fault::unsupported(format!("sound of {channels} channels at {rate} Hz")));
        }
        if *self.shape.get_or_insert(shape) != shape {
            return Err(Fault::unsupported("its channels or its sample rate change on the way"));
        }
        Ok(shape)
    }

    /// A file that ends long before its head says is cut off; encoders' delay and padding make small differences.
    fn check_end(&self, frames: u64) -> Result<(), Fault> {
        match self.expected {
            _ if frames == 0 => Err(Fault::unreadable("there is no sound in it")),
            Some(expected) if frames.saturating_mul(10) < expected.saturating_mul(9) => {
                Err(Fault::unreadable(format!("it is cut off: {frames} of {expected} samples are there")))
            }
            _ => Ok(()),
        }
    }
}

fn no_sound() -> Fault {
    Fault::unreadable("there is no sound in it")
}

fn refuse(error: Error) -> Fault {
    match error {
        Error::Unsupported(what) => Fault::unsupported(format!("its sound is not understood here: {what}")),
        Error::IoError(error) if error.kind() != io::ErrorKind::UnexpectedEof => Fault::Machine(error),
        error => Fault::unreadable(error.to_string()),
    }
}

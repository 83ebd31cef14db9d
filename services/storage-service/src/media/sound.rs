//! Sound written as WAV without the help of any program, at a gain.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

use contracts::storage::Loudness;
use hound::{SampleFormat, WavSpec, WavWriter};
use symphonia::core::audio::conv::IntoSample;
use symphonia::core::audio::sample::i24;

use super::decode::{self, Piece};
use super::loudness::Meter;
use super::{Control, Fault};

/// The true peak that a gain leaves room for, in dBTP (EBU R128 s2 for streaming).
const CEILING: f64 = -1.0;

/// How loud a sound file is.
pub(crate) fn measure(path: &Path, control: &Control) -> Result<Option<Loudness>, Fault> {
    let mut meter = Meter::default();
    decode::decode(path, control, |piece| meter.take(piece))?;
    meter.read()
}

/// What samples are multiplied with to bring a loudness to a target, or as near to it as the peaks allow.
pub(crate) fn factor_to(target: f64, loudness: Loudness) -> f64 {
    let decibels = gain_to(target, loudness);
    // Beyond what sound holds it makes no difference.
    let decibels = decibels.clamp(-120.0, 120.0);
    10_f64.powf(decibels / 20.0)
}

/// The gain in decibels.
fn gain_to(target: f64, loudness: Loudness) -> f64 {
    (target - loudness.integrated).min(CEILING - loudness.true_peak)
}

/// Writes a sound file as WAV, each sample multiplied; says how loud it then is.
///
/// # Errors
/// `too-large` when it would have more than `max_bytes`: a few of silence can be made any number of them.
pub(crate) fn write_wav(
    from: &Path,
    (to, max_bytes): (&Path, u64),
    factor: f64,
    control: &Control,
) -> Result<Option<Loudness>, Fault> {
    let mut meter = Meter::default();
    let (mut writer, mut written) = (None, 0_u64);
    let mut scaled: Vec<f32> = Vec::new();
    decode::decode(from, control, |piece| {
        scaled.clear();
        let scale = |sample: &f32| -> f32 { (f64::from(*sample) * factor).clamp(-1.0, 1.0).into_sample() };
        scaled.extend(piece.samples.iter().map(scale));
        let piece = Piece { samples: &scaled, ..piece };
        written = written.saturating_add(piece.written_bytes());
        if written > max_bytes {
            return Err(Fault::too_large("it would become larger than a file may be"));
        }
        meter.take(piece)?;
        let writer = match &mut writer {
            Some(writer) => writer,
            none => none.insert(begin(to, piece)?),
        };
        write(writer, piece)
    })?;
    match writer {
        Some(writer) => writer.finalize().map_err(refuse)?,
        None => return Err(Fault::unreadable("there is no sound in it")),
    }
    meter.read()
}

impl Piece<'_> {
    fn written_bits(&self) -> u16 {
        if self.is_fine { 24 } else { 16 }
    }

    fn written_bytes(&self) -> u64 {
        let samples = u64::try_from(self.samples.len()).unwrap_or(u64::MAX);
        samples.saturating_mul(u64::from(self.written_bits() / 8))
    }
}

fn begin(to: &Path, piece: Piece<'_>) -> Result<WavWriter<BufWriter<File>>, Fault> {
    let spec = WavSpec {
        channels: u16::try_from(piece.channels).unwrap_or(u16::MAX),
        sample_rate: piece.rate,
        bits_per_sample: piece.written_bits(),
        sample_format: SampleFormat::Int,
    };
    WavWriter::create(to, spec).map_err(refuse)
}

fn write(writer: &mut WavWriter<BufWriter<File>>, piece: Piece<'_>) -> Result<(), Fault> {
    for sample in piece.samples {
        let number = if piece.is_fine {
            let number: i24 = (*sample).into_sample();
            number.inner()
        } else {
            let number: i16 = (*sample).into_sample();
            i32::from(number)
        };
        writer.write_sample(number).map_err(refuse)?;
    }
    Ok(())
}

fn refuse(error: hound::Error) -> Fault {
    match error {
        hound::Error::IoError(error) => Fault::Machine(error),
        hound::Error::TooWide => Fault::Machine(io::Error::other("a sample out of range")),
        _ => Fault::too_large("it is longer than WAV can hold"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gain_never_lifts_peaks_over_the_ceiling() {
        let loudness = |integrated, true_peak| Loudness { integrated, range: 5.0, true_peak };
        for (integrated, true_peak, gain) in [
            (-20.0, -12.0, 6.0),
            (-20.0, -3.0, 2.0),
            (-8.0, 0.5, -6.0),
            (-15.0, -0.5, -0.5),
            (-14.0, -6.0, 0.0),
        ] {
            assert_eq!(gain_to(-14.0, loudness(integrated, true_peak)), gain, "{integrated} {true_peak}");
        }
    }
}

//! Peaks of sound, as numbers and as a picture.

use std::io;
use std::path::Path;

use contracts::storage::WaveformResponse;
use image::{ImageFormat, Rgba, RgbaImage};
use symphonia::core::audio::conv::IntoSample;

use super::decode::{self, Piece};
use super::{Control, Fault};

/// Peaks that are kept while the length is not known yet: ten times what anyone may ask for.
const KEPT: usize = 100_000;
const PICTURE_WIDTH: u32 = 1000;
const PICTURE_HEIGHT: u32 = 200;
const COLOR: Rgba<u8> = Rgba([0x3b, 0x82, 0xf6, 0xff]);

/// The peaks of a sound file.
pub(crate) fn of_file(path: &Path, points: usize, control: &Control) -> Result<WaveformResponse, Fault> {
    let mut peaks = Peaks::default();
    let mut seconds = 0.0;
    decode::decode(path, control, |piece| {
        let frames = u32::try_from(piece.samples.len() / piece.channels).unwrap_or(u32::MAX);
        seconds += f64::from(frames) / f64::from(piece.rate);
        peaks.take(piece);
        Ok(())
    })?;
    let thousandths = |peak: i16| f64::from(i32::from(peak) * 1000 / i32::from(i16::MAX)) / 1000.0;
    let peaks = peaks.into_parts(points).into_iter().map(thousandths).collect();
    Ok(WaveformResponse { duration: (seconds * 1000.0).round() / 1000.0, peaks })
}

/// Peaks of equal parts of a sound whose length is not known: when there are too many, two become one.
struct Peaks {
    /// Frames in a part.
    step: u64,
    parts: Vec<i16>,
    /// Frames in the last part so far.
    filled: u64,
}

impl Default for Peaks {
    fn default() -> Self {
        Self { step: 1, parts: Vec::new(), filled: 1 }
    }
}

impl Peaks {
    fn take(&mut self, piece: Piece<'_>) {
        for frame in piece.samples.chunks_exact(piece.channels) {
            let loudest = frame.iter().fold(0.0_f32, |loudest, sample| loudest.max(sample.abs()));
            let loudest: i16 = loudest.into_sample();
            self.add(loudest);
        }
    }

    fn add(&mut self, peak: i16) {
        match self.parts.last_mut() {
            Some(last) if self.filled < self.step => {
                *last = peak.max(*last);
                self.filled += 1;
            }
            _ => {
                if self.parts.len() == KEPT {
                    self.halve();
                }
                self.parts.push(peak);
                self.filled = 1;
            }
        }
    }

    fn halve(&mut self) {
        let pairs = self.parts.chunks(2).map(|pair| pair.iter().copied().max().unwrap_or(0));
        self.parts = pairs.collect();
        self.step *= 2;
    }

    /// So many peaks of equal parts of the whole; short sounds repeat theirs.
    fn into_parts(self, points: usize) -> Vec<i16> {
        let count = self.parts.len();
        let part = |point: usize| {
            let first = point * count / points;
            let last = ((point + 1) * count / points).max(first + 1);
            self.parts.get(first..last.min(count)).and_then(|part| part.iter().copied().max()).unwrap_or(0)
        };
        (0..points).map(part).collect()
    }
}

/// Draws peaks as bars around a middle line, on nothing.
pub(crate) fn draw(waveform: &WaveformResponse, path: &Path) -> Result<(), Fault> {
    let mut picture = RgbaImage::new(PICTURE_WIDTH, PICTURE_HEIGHT);
    let half = f64::from(PICTURE_HEIGHT / 2);
    let count = waveform.peaks.len();
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        let place = usize::try_from(x).unwrap_or(0) * count / usize::try_from(PICTURE_WIDTH).unwrap_or(1);
        let peak = waveform.peaks.get(place).copied().unwrap_or(0.0);
        // The middle line shows even where there is silence.
        if (f64::from(y) + 0.5 - half).abs() <= (peak * half).max(1.0) {
            *pixel = COLOR;
        }
    }
    picture.save_with_format(path, ImageFormat::Png).map_err(|error| Fault::Machine(io::Error::other(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts_of(frames: &[f32], points: usize) -> Vec<i16> {
        let mut peaks = Peaks::default();
        peaks.take(Piece { samples: frames, channels: 1, rate: 8000, is_fine: false });
        peaks.into_parts(points)
    }

    #[test]
    fn every_part_has_its_highest_sample() {
        assert_eq!(parts_of(&[0.0, -1.0, 0.0, 0.0], 2), [i16::MAX, 0]);
        assert_eq!(parts_of(&[1.0], 3), [i16::MAX; 3]);
        assert_eq!(parts_of(&[], 3), [0; 3]);
    }

    #[test]
    fn a_long_sound_takes_no_more_memory_and_loses_no_peak() {
        let mut frames = vec![0.0; KEPT * 5];
        frames[KEPT * 5 - 1] = 1.0;
        frames[0] = 1.0;
        let mut expected = vec![0; 100];
        (expected[0], expected[99]) = (i16::MAX, i16::MAX);
        assert_eq!(parts_of(&frames, 100), expected);
        let mut peaks = Peaks::default();
        peaks.take(Piece { samples: &frames, channels: 1, rate: 8000, is_fine: false });
        assert!(peaks.parts.len() <= KEPT);
    }
}

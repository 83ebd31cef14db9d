//! Loudness as EBU R128 measures it.

use contracts::storage::Loudness;
use ebur128::{EbuR128, Mode};

use super::Fault;
use super::decode::Piece;

/// Takes sound and says how loud it was.
#[derive(Default)]
pub(crate) struct Meter {
    meter: Option<EbuR128>,
}

impl Meter {
    pub(crate) fn take(&mut self, piece: Piece<'_>) -> Result<(), Fault> {
        let meter = match &mut self.meter {
            Some(meter) => meter,
            none => {
                let channels = u32::try_from(piece.channels).unwrap_or(u32::MAX);
                let mode = Mode::I | Mode::LRA | Mode::TRUE_PEAK | Mode::HISTOGRAM;
                none.insert(EbuR128::new(channels, piece.rate, mode).map_err(refuse)?)
            }
        };
        meter.add_frames_f32(piece.samples).map_err(refuse)
    }

    /// Nothing for silence, which has no loudness, and for what is shorter than the 0.4 seconds of one block.
    pub(crate) fn read(&self) -> Result<Option<Loudness>, Fault> {
        let Some(meter) = &self.meter else { return Ok(None) };
        let integrated = meter.loudness_global().map_err(refuse)?;
        let range = meter.loudness_range().map_err(refuse)?;
        let mut peak: f64 = 0.0;
        for channel in 0..meter.channels() {
            peak = peak.max(meter.true_peak(channel).map_err(refuse)?);
        }
        let loudness = Loudness {
            integrated: hundredths(integrated),
            range: hundredths(range),
            true_peak: hundredths(20.0 * peak.log10()),
        };
        let is_sound = integrated.is_finite() && range.is_finite() && peak > 0.0;
        Ok(is_sound.then_some(loudness))
    }
}

fn hundredths(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

fn refuse(error: ebur128::Error) -> Fault {
    Fault::unsupported(format!("its loudness cannot be measured: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// EBU Tech 3341, case 1: a stereo sine of 1000 Hz at -23 dBFS is -23 LUFS.
    #[test]
    fn a_reference_tone_is_as_loud_as_it_should_be() {
        let rate = 48_000;
        let mut meter = Meter::default();
        for second in 0..3_u32 {
            let sample = |n: u32| {
                let time = f64::from(second * rate + n) / f64::from(rate);
                let value = 10_f64.powf(-23.0 / 20.0) * (std::f64::consts::TAU * 1000.0 * time).sin();
                value.to_string().parse::<f32>().unwrap()
            };
            let samples: Vec<f32> = (0..rate).map(sample).flat_map(|s| [s, s]).collect();
            meter.take(Piece { samples: &samples, channels: 2, rate, is_fine: false }).unwrap();
        }
        let loudness = meter.read().unwrap().unwrap();
        assert!((loudness.integrated + 23.0).abs() <= 0.1, "{loudness:?}");
        assert!((loudness.true_peak + 23.0).abs() <= 0.4, "{loudness:?}");
        assert!(loudness.range.abs() < 0.1, "{loudness:?}");
    }

    #[test]
    fn silence_has_no_loudness() {
        let mut meter = Meter::default();
        assert_eq!(meter.read().unwrap(), None);
        meter.take(Piece { samples: &[0.0; 96_000], channels: 2, rate: 48_000, is_fine: false }).unwrap();
        assert_eq!(meter.read().unwrap(), None);
    }
}

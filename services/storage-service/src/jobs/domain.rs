//! Rules of jobs.

use std::time::Duration;

use contracts::problem::FieldError;
use contracts::storage::{JobInput, Media};
use contracts::{ImageFit, JobType, MediaFormat};
use http_kit::ApiError;
use http_kit::body::read_item;
use serde_json::{Map, Value};

use crate::media::Encoding;

/// How often a job is tried again.
pub(super) const MAX_RETRIES: i32 = 3;
/// Of what uploads order: facts come before pictures of them.
pub(super) const PROBE_PRIORITY: i16 = 6;
/// No wait between two tries is longer.
const LONGEST_WAIT: Duration = Duration::from_secs(10 * 60);

const THUMBNAIL_SIDE: u32 = 256;
const THUMBNAIL_QUALITY: u8 = 80;
const PICTURE_QUALITY: u8 = 85;
const COMPRESSED_QUALITY: u8 = 70;
const TARGET_LUFS: f64 = -14.0;
const WAVEFORM_POINTS: u32 = 1000;

/// An order with everything decided.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Work {
    Probe,
    Checksum,
    Scan,
    Waveform { points: u32 },
    Encode(Encoding),
    Normalize { target: f64, encoding: Encoding },
    Picture(PictureWork),
}

/// What becomes of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PictureWork {
    /// Within these; what is absent follows.
    pub(super) size: (Option<u32>, Option<u32>),
    pub(super) fit: ImageFit,
    /// The source's own where none is named.
    pub(super) format: Option<MediaFormat>,
    pub(super) quality: u8,
}

/// Reads the parameters of an order.
///
/// # Errors
/// 422 with pointers into `inputParams`.
pub(super) fn parse(job_type: JobType, params: &Map<String, Value>) -> Result<JobInput, ApiError> {
    let params = Value::Object(params.clone());
    let input = match job_type {
        JobType::Probe => read_item(&params).map(JobInput::Probe),
        JobType::Thumbnail => read_item(&params).map(JobInput::Thumbnail),
        JobType::Resize => read_item(&params).map(JobInput::Resize),
        JobType::Convert => read_item(&params).map(JobInput::Convert),
        JobType::Compress => read_item(&params).map(JobInput::Compress),
        JobType::Normalize => read_item(&params).map(JobInput::Normalize),
        JobType::Waveform => read_item(&params).map(JobInput::Waveform),
        JobType::Checksum => read_item(&params).map(JobInput::Checksum),
        JobType::Scan => read_item(&params).map(JobInput::Scan),
    };
    input.map_err(|error| {
        let inside =
            |field: FieldError| FieldError::new(format!("/inputParams{}", field.pointer), field.detail);
        let errors = error.problem("").errors.into_iter().map(inside).collect();
        error.with_errors(errors)
    })
}

/// Decides what an order leaves open.
pub(super) fn work_of(input: &JobInput) -> Work {
    let picture = |size, fit: Option<ImageFit>, format, quality| {
        Work::Picture(PictureWork { size, fit: fit.unwrap_or(ImageFit::Contain), format, quality })
    };
    match input {
        JobInput::Probe(_) => Work::Probe,
        JobInput::Checksum(_) => Work::Checksum,
        JobInput::Scan(_) => Work::Scan,
        JobInput::Waveform(params) => Work::Waveform { points: params.points.unwrap_or(WAVEFORM_POINTS) },
        JobInput::Normalize(params) => {
            let format = params.format.unwrap_or(MediaFormat::Flac);
            let encoding = Encoding { format, bitrate: params.bitrate };
            Work::Normalize { target: params.target_lufs.unwrap_or(TARGET_LUFS), encoding }
        }
        JobInput::Thumbnail(params) => {
            let side = Some(params.size.unwrap_or(THUMBNAIL_SIDE));
            let format = params.format.unwrap_or(MediaFormat::Webp);
            picture((side, side), None, Some(format), THUMBNAIL_QUALITY)
        }
        JobInput::Resize(params) => {
            picture((params.width, params.height), params.fit, params.format, PICTURE_QUALITY)
        }
        JobInput::Compress(params) => {
            let quality = params.quality.unwrap_or(COMPRESSED_QUALITY);
            picture((None, None), None, Some(params.format.unwrap_or(MediaFormat::Webp)), quality)
        }
        JobInput::Convert(params) if params.format.is_picture() => {
            picture((None, None), None, Some(params.format), params.quality.unwrap_or(PICTURE_QUALITY))
        }
        JobInput::Convert(params) => {
            Work::Encode(Encoding { format: params.format, bitrate: params.bitrate })
        }
    }
}

/// The name of the variant that an order makes, the same for the same order; `None` when it makes none.
pub(super) fn variant_key(input: &JobInput) -> Option<String> {
    let side = |side: Option<u32>| side.map(|pixels| pixels.to_string()).unwrap_or_default();
    let detail = match (work_of(input), input) {
        (Work::Probe | Work::Checksum | Work::Scan, _) => return None,
        (Work::Waveform { points }, _) => return Some(format!("waveform@{points}.json")),
        (Work::Encode(encoding), _) => encoding_name("convert", None, encoding),
        (Work::Normalize { target, encoding }, _) => encoding_name("normalize", Some(target), encoding),
        (Work::Picture(work), JobInput::Thumbnail(_)) => format!("thumb@{}", side(work.size.0)),
        (Work::Picture(work), JobInput::Resize(_)) => {
            format!("resize@{}x{}-{}", side(work.size.0), side(work.size.1), work.fit)
        }
        (Work::Picture(work), _) => format!("{}@q{}", input.job_type(), work.quality),
    };
    let format = match work_of(input) {
        Work::Picture(work) => work.format,
        Work::Encode(encoding) | Work::Normalize { encoding, .. } => Some(encoding.format),
        _ => None,
    };
    Some(format.map_or_else(|| detail.clone(), |format| format!("{detail}.{}", extension(format))))
}

fn encoding_name(what: &str, target: Option<f64>, encoding: Encoding) -> String {
    let mut name = what.to_owned();
    let details = [target.map(|lufs| lufs.to_string()), encoding.bitrate.map(|bits| format!("{bits}bps"))];
    for (number, detail) in details.into_iter().flatten().enumerate() {
        name.push(if number == 0 { '@' } else { '-' });
        name.push_str(&detail);
    }
    name
}

fn extension(format: MediaFormat) -> &'static str {
    use contracts::TextEnum;
    match format {
        MediaFormat::Opus => "ogg",
        MediaFormat::Aac => "m4a",
        other => other.as_str(),
    }
}

/// What is done with every upload of a kind.
pub(super) fn jobs_of_upload(content_type: &str, media: Option<&Media>) -> Vec<JobInput> {
    let is_picture = content_type.starts_with("image/") && content_type != "image/svg+xml";
    let probe = JobInput::Probe(contracts::storage::NoParams {});
    match media {
        Some(Media::Audio(_)) => vec![probe, JobInput::Waveform(Default::default())],
        None if is_picture => vec![probe, JobInput::Thumbnail(Default::default())],
        _ => Vec::new(),
    }
}

/// How long to wait before the next try: twice as long each time, and by chance up to half as much more, so that what
/// failed together does not come back together. `chance` is between 0 and 1.
pub(super) fn wait_before_retry(first: Duration, retries: i32, chance: f64) -> Duration {
    let doublings = u32::try_from(retries).unwrap_or(0).min(16);
    let wait = first.saturating_mul(2_u32.saturating_pow(doublings)).min(LONGEST_WAIT);
    wait.mul_f64(1.0 + chance / 2.0)
}

/// Facts that a probe read, with what jobs on the same bytes found before.
pub(super) fn merged(mut facts: Media, waveform: Option<i32>, thumbnail: Option<i32>) -> Media {
    match &mut facts {
        Media::Audio(audio) => audio.waveform = waveform,
        Media::Image(image) => image.thumbnail = thumbnail,
        Media::Unreadable { .. } => {}
    }
    facts
}

#[cfg(test)]
mod tests {
    use contracts::JobType;
    use serde_json::json;

    use super::*;

    fn key(job_type: JobType, params: &Value) -> Option<String> {
        variant_key(&parse(job_type, params.as_object().unwrap()).unwrap())
    }

    #[test]
    fn a_variant_is_named_by_all_that_tells_it_from_others() {
        for (job_type, params, expected) in [
            (JobType::Probe, json!({}), None),
            (JobType::Checksum, json!({}), None),
            (JobType::Thumbnail, json!({}), Some("thumb@256.webp")),
            (JobType::Thumbnail, json!({"size": 64, "format": "png"}), Some("thumb@64.png")),
            (JobType::Resize, json!({"width": 800}), Some("resize@800x-contain")),
            (
                JobType::Resize,
                json!({"width": 8, "height": 6, "fit": "cover", "format": "jpeg"}),
                Some("resize@8x6-cover.jpeg"),
            ),
            (JobType::Compress, json!({}), Some("compress@q70.webp")),
            (JobType::Convert, json!({"format": "png"}), Some("convert@q85.png")),
            (JobType::Convert, json!({"format": "flac"}), Some("convert.flac")),
            (JobType::Convert, json!({"format": "opus", "bitrate": 96_000}), Some("convert@96000bps.ogg")),
            (JobType::Normalize, json!({}), Some("normalize@-14.flac")),
            (
                JobType::Normalize,
                json!({"targetLufs": -16.5, "format": "aac", "bitrate": 128_000}),
                Some("normalize@-16.5-128000bps.m4a"),
            ),
            (JobType::Waveform, json!({"points": 500}), Some("waveform@500.json")),
        ] {
            assert_eq!(key(job_type, &params).as_deref(), expected, "{job_type} {params}");
        }
    }

    #[test]
    fn waits_double_up_to_ten_minutes() {
        let first = Duration::from_secs(5);
        let wait = |retries, chance| wait_before_retry(first, retries, chance).as_secs_f64();
        assert_eq!((wait(0, 0.0), wait(1, 0.0), wait(2, 0.0)), (5.0, 10.0, 20.0));
        assert_eq!((wait(0, 1.0), wait(30, 0.0), wait(i32::MAX, 1.0)), (7.5, 600.0, 900.0));
    }
}

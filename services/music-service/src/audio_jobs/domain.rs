//! What an order says to storage-service, and what its end means.

use contracts::events::JobEnded;
use contracts::music::CreateAudioJobRequest;
use contracts::storage::{
    AudioMedia, ConvertParams, JobInput, JobOutput, JobResponse, MadeVersion, Media, NormalizeParams,
    OrderJobRequest, WaveformParams,
};
use contracts::{JobStatus, JobType, MediaFormat, ProcessingType};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// How a job is done, as `parameters` keeps it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Parameters {
    #[serde(skip_serializing_if = "Option::is_none")]
    output_format: Option<MediaFormat>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bitrate: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target_lufs: Option<f64>,
}

impl Parameters {
    pub(super) fn of(request: &CreateAudioJobRequest) -> Self {
        let CreateAudioJobRequest { output_format, bitrate, target_lufs, .. } = request;
        Self { output_format: *output_format, bitrate: *bitrate, target_lufs: *target_lufs }
    }

    pub(super) fn to_map(&self) -> Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(map)) => map,
            _ => Map::new(),
        }
    }

    /// The order for storage-service, under the name of a job and its try.
    pub(super) fn order(
        &self,
        processing: ProcessingType,
        (id, retry): (Uuid, i32),
    ) -> serde_json::Result<OrderJobRequest> {
        let input = match processing {
            ProcessingType::Normalize => JobInput::Normalize(NormalizeParams {
                target_lufs: self.target_lufs,
                format: self.output_format,
                bitrate: self.bitrate,
            }),
            ProcessingType::Convert => JobInput::Convert(ConvertParams {
                // Every order to convert was judged to have one.
                format: self.output_format.unwrap_or(MediaFormat::Flac),
                bitrate: self.bitrate,
                quality: None,
            }),
            ProcessingType::Waveform => JobInput::Waveform(WaveformParams { points: None }),
        };
        Ok(OrderJobRequest::new(&input)?.named(name(id, retry)))
    }
}

const NAME: &str = "audio-job";

/// The name of an order: another one for each try, because storage-service keeps the end of the last.
fn name(id: Uuid, retry: i32) -> String {
    format!("{NAME}/{id}/{retry}")
}

/// The audio job and the try that an order was named after; `None` for orders of others.
fn read_name(name: &str) -> Option<(Uuid, i32)> {
    let (id, retry) = name.strip_prefix(NAME)?.strip_prefix('/')?.split_once('/')?;
    Some((id.parse().ok()?, retry.parse().ok()?))
}

/// How storage-service's job ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ending {
    /// Which audio job, and which try of it.
    pub(super) of: (Uuid, i32),
    pub(super) storage_job_id: Option<Uuid>,
    pub(super) processing_time_ms: Option<i64>,
    /// What came of it, or why nothing did.
    pub(super) outcome: Result<JobOutput, String>,
}

impl Ending {
    /// What an event tells; `None` when the job is none of ours.
    pub(crate) fn of_event(event: &JobEnded) -> Option<Self> {
        let of = read_name(event.dedupe_key.as_deref()?)?;
        let outcome = match &event.error_code {
            Some(code) => Err(event.error_message.clone().unwrap_or_else(|| code.clone())),
            None => output_of(event).ok_or_else(|| "what came of it cannot be read".to_owned()),
        };
        let (storage_job_id, time) = (event.job_id, event.processing_time_ms);
        Some(Self { of, storage_job_id: Some(storage_job_id), processing_time_ms: Some(time), outcome })
    }

    /// What a job that was asked about tells; `None` while it goes on.
    pub(super) fn of_job(of: (Uuid, i32), job: JobResponse) -> Option<Self> {
        let time = job.started_at.zip(job.completed_at).map(|(start, end)| (end - start).num_milliseconds());
        let outcome = match job.status {
            JobStatus::Pending | JobStatus::Processing => return None,
            JobStatus::Completed => Ok(job.output_params),
            JobStatus::Cancelled => Err("it was called off".to_owned()),
            JobStatus::Failed | JobStatus::Dead => {
                Err(job.error_message.unwrap_or_else(|| "it failed without a word".to_owned()))
            }
        };
        Some(Self { of, storage_job_id: Some(job.id), processing_time_ms: time, outcome })
    }

    /// storage-service did not take the order, or knows nothing of it any more.
    pub(super) fn refused(of: (Uuid, i32), storage_job_id: Option<Uuid>, reason: String) -> Self {
        Self { of, storage_job_id, processing_time_ms: None, outcome: Err(reason) }
    }
}

/// What a job made, out of its event.
fn output_of(event: &JobEnded) -> Option<JobOutput> {
    serde_json::from_value(Value::Object(event.output_params.clone())).ok()
}

/// Integrated loudness that a probe measured.
pub(crate) fn measured(event: &JobEnded) -> Option<f64> {
    if event.job_type != JobType::Probe {
        return None;
    }
    match output_of(event)?.media? {
        Media::Audio(audio) => audio.loudness.map(|loudness| loudness.integrated),
        _ => None,
    }
}

/// The sound among what was made.
pub(super) fn made_sound(output: &JobOutput) -> Option<(&MadeVersion, &AudioMedia)> {
    output.versions.iter().find_map(|version| match &version.media {
        Some(Media::Audio(audio)) if audio.duration > 0.0 => Some((version, audio)),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_back_to_its_job_and_try() {
        let id = Uuid::from_u128(7);
        assert_eq!(read_name(&name(id, 2)), Some((id, 2)));
        for other in ["", "audio-job", "audio-job/7/0", "thumbnail/1/2", "audio-jobx/1/2"] {
            assert_eq!(read_name(other), None, "{other}");
        }
    }
}

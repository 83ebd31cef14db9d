CREATE TABLE mus_audio_jobs (
    id uuid CONSTRAINT mus_audio_jobs_pkey PRIMARY KEY,
    user_id uuid NOT NULL,
    track_id uuid NOT NULL CONSTRAINT mus_audio_jobs_track_fkey REFERENCES mus_tracks (id),
    source_result_id uuid NOT NULL CONSTRAINT mus_audio_jobs_source_fkey REFERENCES mus_results (id),
    result_id uuid CONSTRAINT mus_audio_jobs_result_fkey REFERENCES mus_results (id),
    job_type text NOT NULL CONSTRAINT mus_audio_jobs_type CHECK (job_type IN ('rendition', 'analysis')),
    processing_type text NOT NULL CONSTRAINT mus_audio_jobs_processing_type
        CHECK (processing_type IN ('normalize', 'convert', 'waveform')),
    status text NOT NULL CONSTRAINT mus_audio_jobs_status
        CHECK (status IN ('pending', 'processing', 'completed', 'failed', 'cancelled')),
    priority smallint NOT NULL CONSTRAINT mus_audio_jobs_priority CHECK (priority BETWEEN 0 AND 9),
    parameters jsonb NOT NULL CONSTRAINT mus_audio_jobs_parameters CHECK (jsonb_typeof(parameters) = 'object'),
    progress smallint NOT NULL CONSTRAINT mus_audio_jobs_progress CHECK (progress BETWEEN 0 AND 100),
    storage_job_id uuid,
    processing_time_ms bigint CONSTRAINT mus_audio_jobs_processing_time CHECK (processing_time_ms >= 0),
    error_message text,
    retry_count integer NOT NULL CONSTRAINT mus_audio_jobs_retry_count CHECK (retry_count BETWEEN 0 AND max_retries),
    max_retries integer NOT NULL,
    metadata jsonb NOT NULL CONSTRAINT mus_audio_jobs_metadata CHECK (jsonb_typeof(metadata) = 'object'),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    started_at timestamptz,
    completed_at timestamptz,
    CONSTRAINT mus_audio_jobs_ended
        CHECK ((status IN ('completed', 'failed', 'cancelled')) = (completed_at IS NOT NULL))
);

CREATE INDEX mus_audio_jobs_of_user ON mus_audio_jobs (user_id, id DESC);
CREATE INDEX mus_audio_jobs_of_track ON mus_audio_jobs (track_id);
CREATE INDEX mus_audio_jobs_of_source ON mus_audio_jobs (source_result_id);
CREATE INDEX mus_audio_jobs_of_result ON mus_audio_jobs (result_id);
CREATE INDEX mus_audio_jobs_open ON mus_audio_jobs (status, updated_at) WHERE completed_at IS NULL;

COMMENT ON TABLE mus_audio_jobs IS 'Audio jobs: what was ordered to be made of a track''s sound. storage-service does the work.';
COMMENT ON COLUMN mus_audio_jobs.id IS 'UUIDv7. Writer: POST /api/music/audio-jobs.';
COMMENT ON COLUMN mus_audio_jobs.user_id IS 'Who ordered it. Writer: POST /api/music/audio-jobs.';
COMMENT ON COLUMN mus_audio_jobs.track_id IS 'The track. Writer: POST /api/music/audio-jobs.';
COMMENT ON COLUMN mus_audio_jobs.source_result_id IS 'The rendition that it works on. Writer: POST /api/music/audio-jobs.';
COMMENT ON COLUMN mus_audio_jobs.result_id IS 'The rendition that came of it; null before, and where none does. Writer: storage.job.completed.';
COMMENT ON COLUMN mus_audio_jobs.job_type IS 'Whether a rendition comes of it or facts about the sound. Writer: POST /api/music/audio-jobs.';
COMMENT ON COLUMN mus_audio_jobs.processing_type IS 'What is done. Writer: POST /api/music/audio-jobs.';
COMMENT ON COLUMN mus_audio_jobs.status IS 'Where it is in its life. Writer: POST /api/music/audio-jobs, .../cancel and .../retry, the follower of audio jobs, storage.job.completed and failed.';
COMMENT ON COLUMN mus_audio_jobs.priority IS '0, when nothing else waits, to 9, first. Writer: POST /api/music/audio-jobs.';
COMMENT ON COLUMN mus_audio_jobs.parameters IS 'How it is done: outputFormat, bitrate, targetLufs, as far as they were given. Writer: POST /api/music/audio-jobs.';
COMMENT ON COLUMN mus_audio_jobs.progress IS 'Percent. Writer: the follower of audio jobs, storage.job.completed.';
COMMENT ON COLUMN mus_audio_jobs.storage_job_id IS 'The job of storage-service; null until it took the order. Writer: the follower of audio jobs.';
COMMENT ON COLUMN mus_audio_jobs.processing_time_ms IS 'How long storage-service worked; null before it ended. Writer: storage.job.completed and failed.';
COMMENT ON COLUMN mus_audio_jobs.error_message IS 'Why it failed; null unless it did. Writer: storage.job.failed, the follower of audio jobs.';
COMMENT ON COLUMN mus_audio_jobs.retry_count IS 'How often it was ordered again. Writer: POST /api/music/audio-jobs/{id}/retry.';
COMMENT ON COLUMN mus_audio_jobs.max_retries IS 'How often it may be. Writer: POST /api/music/audio-jobs.';
COMMENT ON COLUMN mus_audio_jobs.metadata IS 'What the client keeps with it, a JSON object. Writer: POST /api/music/audio-jobs.';
COMMENT ON COLUMN mus_audio_jobs.created_at IS 'When it was ordered. Writer: POST /api/music/audio-jobs.';
COMMENT ON COLUMN mus_audio_jobs.updated_at IS 'When anything of it last changed. Writer: every change.';
COMMENT ON COLUMN mus_audio_jobs.started_at IS 'When storage-service took the order; null before. Writer: the follower of audio jobs.';
COMMENT ON COLUMN mus_audio_jobs.completed_at IS 'When it ended, however it ended; null before. Writer: storage.job.completed and failed, POST .../cancel.';

ALTER TABLE mus_results
    ADD COLUMN audio_job_id uuid CONSTRAINT mus_results_audio_job_fkey REFERENCES mus_audio_jobs (id),
    ADD COLUMN loudness_lufs double precision,
    ADD COLUMN metadata jsonb NOT NULL DEFAULT '{}' CONSTRAINT mus_results_metadata CHECK (jsonb_typeof(metadata) = 'object'),
    ADD CONSTRAINT mus_results_made CHECK (is_source = (audio_job_id IS NULL));

CREATE UNIQUE INDEX mus_results_of_audio_job ON mus_results (audio_job_id);
CREATE UNIQUE INDEX mus_results_one_per_version ON mus_results (track_id, file_id, file_version);
CREATE INDEX mus_results_of_file ON mus_results (file_id);

COMMENT ON COLUMN mus_results.audio_job_id IS 'The audio job that made it; null for the source. Writer: storage.job.completed.';
COMMENT ON COLUMN mus_results.loudness_lufs IS 'Integrated loudness (EBU R128); null until it is measured, and of silence. Writer: POST /api/library/tracks, storage.job.completed.';
COMMENT ON COLUMN mus_results.metadata IS 'What the client keeps with the order that made it, a JSON object. Writer: storage.job.completed.';

ALTER TABLE mus_tracks ADD COLUMN loudness_lufs double precision;
COMMENT ON COLUMN mus_tracks.loudness_lufs IS 'Integrated loudness (EBU R128) of its sound; null until it is measured, and of silence. Writer: POST /api/library/tracks, storage.job.completed.';

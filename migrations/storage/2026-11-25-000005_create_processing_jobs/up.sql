CREATE TABLE stg_processing_jobs (
    id uuid CONSTRAINT stg_processing_jobs_pkey PRIMARY KEY,
    file_id uuid NOT NULL CONSTRAINT stg_processing_jobs_file_fkey REFERENCES stg_files (id) ON DELETE CASCADE,
    version_id uuid NOT NULL CONSTRAINT stg_processing_jobs_version_fkey REFERENCES stg_versions (id) ON DELETE CASCADE,
    user_id uuid NOT NULL,
    job_type text NOT NULL CONSTRAINT stg_processing_jobs_type CHECK (job_type IN ('probe', 'thumbnail', 'resize', 'convert',
        'compress', 'normalize', 'waveform', 'scan', 'checksum')),
    status text NOT NULL CONSTRAINT stg_processing_jobs_status
        CHECK (status IN ('pending', 'processing', 'completed', 'failed', 'cancelled', 'dead')),
    progress smallint NOT NULL CONSTRAINT stg_processing_jobs_progress CHECK (progress BETWEEN 0 AND 100),
    priority smallint NOT NULL CONSTRAINT stg_processing_jobs_priority CHECK (priority BETWEEN 0 AND 9),
    input_params jsonb NOT NULL,
    output_params jsonb NOT NULL,
    output_version_id uuid CONSTRAINT stg_processing_jobs_output_fkey REFERENCES stg_versions (id) ON DELETE SET NULL,
    run_after timestamptz NOT NULL DEFAULT now(),
    lease_owner text,
    lease_until timestamptz,
    fencing bigint NOT NULL CONSTRAINT stg_processing_jobs_fencing CHECK (fencing >= 0),
    started_at timestamptz,
    completed_at timestamptz,
    error_message text,
    error_code text CONSTRAINT stg_processing_jobs_error_code CHECK (error_code IN ('unsupported', 'unreadable', 'too-large',
        'timed-out', 'crashed', 'gone', 'interrupted')),
    retry_count integer NOT NULL,
    max_retries integer NOT NULL,
    dedupe_key text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT stg_processing_jobs_retries CHECK (retry_count BETWEEN 0 AND max_retries),
    CONSTRAINT stg_processing_jobs_lease CHECK ((status = 'processing') = (lease_owner IS NOT NULL)
        AND (lease_owner IS NULL) = (lease_until IS NULL)),
    CONSTRAINT stg_processing_jobs_end CHECK ((status IN ('pending', 'processing')) = (completed_at IS NULL)),
    CONSTRAINT stg_processing_jobs_error CHECK ((error_code IS NULL) = (error_message IS NULL)
        AND (status NOT IN ('failed', 'dead') OR error_code IS NOT NULL)),
    CONSTRAINT stg_processing_jobs_dedupe_key UNIQUE (file_id, dedupe_key)
);

CREATE INDEX stg_processing_jobs_waiting ON stg_processing_jobs (priority DESC, run_after, id) WHERE status = 'pending';
CREATE INDEX stg_processing_jobs_leased ON stg_processing_jobs (lease_until) WHERE status = 'processing';
CREATE INDEX stg_processing_jobs_of_file ON stg_processing_jobs (file_id, id DESC);
CREATE INDEX stg_processing_jobs_of_version ON stg_processing_jobs (version_id);
CREATE INDEX stg_processing_jobs_of_output ON stg_processing_jobs (output_version_id);

COMMENT ON TABLE stg_processing_jobs IS 'What is to be done with files, and what became of it: the queue of the workers.';
COMMENT ON COLUMN stg_processing_jobs.id IS 'UUIDv7. Writer: jobs/orders.';
COMMENT ON COLUMN stg_processing_jobs.file_id IS 'The file. Writer: jobs/orders.';
COMMENT ON COLUMN stg_processing_jobs.version_id IS 'The version that is worked on. Writer: jobs/orders.';
COMMENT ON COLUMN stg_processing_jobs.user_id IS 'The account in whose name it is done. Writer: jobs/orders.';
COMMENT ON COLUMN stg_processing_jobs.job_type IS 'What is done. Writer: jobs/orders.';
COMMENT ON COLUMN stg_processing_jobs.status IS 'How far it is; each change is conditional on the state before. Writer: jobs/orders, jobs/queue.';
COMMENT ON COLUMN stg_processing_jobs.progress IS 'Percent. Writer: the worker''s heartbeat and its end.';
COMMENT ON COLUMN stg_processing_jobs.priority IS '9 is the first. Writer: jobs/orders.';
COMMENT ON COLUMN stg_processing_jobs.input_params IS 'How it was ordered; its shape is that of the type. Writer: jobs/orders.';
COMMENT ON COLUMN stg_processing_jobs.output_params IS 'What came of it; an empty object before. Writer: the worker''s end.';
COMMENT ON COLUMN stg_processing_jobs.output_version_id IS 'The first version that it made; null when it made none. Writer: the worker''s end.';
COMMENT ON COLUMN stg_processing_jobs.run_after IS 'Not to be begun before. Writer: jobs/orders; a failed try, which waits longer each time.';
COMMENT ON COLUMN stg_processing_jobs.lease_owner IS 'The worker that has it; null when none has. Writer: jobs/queue.';
COMMENT ON COLUMN stg_processing_jobs.lease_until IS 'Until when it is the worker''s unless it tells again; null when none has it. Writer: the claim and the heartbeat.';
COMMENT ON COLUMN stg_processing_jobs.fencing IS 'Goes up with every claim, end and cancellation: a worker whose number is old may write nothing any more. Writer: jobs/queue.';
COMMENT ON COLUMN stg_processing_jobs.started_at IS 'When it was last begun; null before. Writer: the claim.';
COMMENT ON COLUMN stg_processing_jobs.completed_at IS 'When it ended, however it ended; null before. Writer: jobs/queue.';
COMMENT ON COLUMN stg_processing_jobs.error_message IS 'What went wrong at the last try; null when nothing did. Writer: the worker''s end; the reaper.';
COMMENT ON COLUMN stg_processing_jobs.error_code IS 'The same for programs. Writer: the worker''s end; the reaper.';
COMMENT ON COLUMN stg_processing_jobs.retry_count IS 'How often it was tried again. Writer: a failed try; the reaper.';
COMMENT ON COLUMN stg_processing_jobs.max_retries IS 'How often it may be. Writer: jobs/orders.';
COMMENT ON COLUMN stg_processing_jobs.dedupe_key IS 'The order''s name among those of the file; null when it has none. Writer: jobs/orders.';
COMMENT ON COLUMN stg_processing_jobs.created_at IS 'When it was ordered. Writer: jobs/orders.';
COMMENT ON COLUMN stg_processing_jobs.updated_at IS 'When anything of it last changed. Writer: jobs/orders, jobs/queue.';

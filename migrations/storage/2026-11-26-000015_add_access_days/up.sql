ALTER TABLE stg_access_logs ADD COLUMN owner_id uuid;
UPDATE stg_access_logs SET owner_id = file.user_id FROM stg_files AS file WHERE file.id = stg_access_logs.file_id;

CREATE INDEX stg_access_logs_of_owner ON stg_access_logs (owner_id, accessed_at DESC, id DESC) WHERE owner_id IS NOT NULL;
CREATE INDEX stg_access_logs_of_user ON stg_access_logs (user_id, accessed_at DESC, id DESC) WHERE user_id IS NOT NULL;
-- The log lies in the order of time, nearly.
CREATE INDEX stg_access_logs_by_time ON stg_access_logs USING brin (accessed_at timestamptz_minmax_multi_ops)
    WITH (pages_per_range = 32);

CREATE TABLE stg_access_days (
    file_id uuid NOT NULL,
    day date NOT NULL,
    action text NOT NULL CONSTRAINT stg_access_days_action CHECK (action IN ('download', 'stream', 'view')),
    responses bigint NOT NULL CONSTRAINT stg_access_days_responses CHECK (responses > 0),
    refusals bigint NOT NULL CONSTRAINT stg_access_days_refusals CHECK (refusals BETWEEN 0 AND responses),
    aborted bigint NOT NULL CONSTRAINT stg_access_days_aborted CHECK (aborted BETWEEN 0 AND responses),
    bytes_sent bigint NOT NULL CONSTRAINT stg_access_days_bytes CHECK (bytes_sent >= 0),
    readers bigint NOT NULL CONSTRAINT stg_access_days_readers CHECK (readers BETWEEN 0 AND responses),
    rolled_up_at timestamptz NOT NULL,
    CONSTRAINT stg_access_days_pkey PRIMARY KEY (file_id, day, action)
);

CREATE INDEX stg_access_days_by_day ON stg_access_days (day);

INSERT INTO stg_access_days
SELECT file_id, (accessed_at AT TIME ZONE 'UTC')::date, action, count(*), count(*) FILTER (WHERE response_code >= 400),
       count(*) FILTER (WHERE aborted), sum(bytes_transferred), count(DISTINCT user_id), now()
FROM stg_access_logs GROUP BY 1, 2, 3;

COMMENT ON COLUMN stg_access_logs.owner_id IS 'Whose file it was; null for nobody''s, and when the person was erased. Writer: serving.';
COMMENT ON TABLE stg_access_days IS 'The access log by days, which outlive its rows.';
COMMENT ON COLUMN stg_access_days.file_id IS 'The file. Writer: storage.roll-up-accesses.';
COMMENT ON COLUMN stg_access_days.day IS 'The day, in UTC. Writer: storage.roll-up-accesses.';
COMMENT ON COLUMN stg_access_days.action IS 'How the bytes were asked for. Writer: storage.roll-up-accesses.';
COMMENT ON COLUMN stg_access_days.responses IS 'How often. Writer: storage.roll-up-accesses.';
COMMENT ON COLUMN stg_access_days.refusals IS 'How often in vain: statuses from 400. Writer: storage.roll-up-accesses.';
COMMENT ON COLUMN stg_access_days.aborted IS 'How often the caller hung up. Writer: storage.roll-up-accesses.';
COMMENT ON COLUMN stg_access_days.bytes_sent IS 'Bytes that left. Writer: storage.roll-up-accesses.';
COMMENT ON COLUMN stg_access_days.readers IS 'Different accounts that asked; those without one are none. Writer: storage.roll-up-accesses.';
COMMENT ON COLUMN stg_access_days.rolled_up_at IS 'When it was last computed. Writer: storage.roll-up-accesses.';

CREATE TABLE stg_access_logs_whole (LIKE stg_access_logs INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING COMMENTS);
INSERT INTO stg_access_logs_whole SELECT * FROM stg_access_logs;
DROP TABLE stg_access_logs;
ALTER TABLE stg_access_logs_whole RENAME TO stg_access_logs;
ALTER TABLE stg_access_logs ADD CONSTRAINT stg_access_logs_pkey PRIMARY KEY (id);
CREATE INDEX stg_access_logs_of_file ON stg_access_logs (file_id, accessed_at DESC, id DESC);
CREATE INDEX stg_access_logs_of_owner ON stg_access_logs (owner_id, accessed_at DESC, id DESC) WHERE owner_id IS NOT NULL;
CREATE INDEX stg_access_logs_of_user ON stg_access_logs (user_id, accessed_at DESC, id DESC) WHERE user_id IS NOT NULL;
CREATE INDEX stg_access_logs_by_time ON stg_access_logs USING brin (accessed_at timestamptz_minmax_multi_ops)
    WITH (pages_per_range = 32);
COMMENT ON TABLE stg_access_logs IS 'One row for each response that gave, or refused, bytes of a file.';

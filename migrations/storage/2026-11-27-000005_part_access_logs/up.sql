-- A month is a table of its own: what is too old goes as a whole. What is there becomes the part for all of which no month
-- was made yet; storage.part-accesses makes months, and moves it there.
ALTER TABLE stg_access_logs RENAME TO stg_access_logs_rest;
-- The key of a table in parts names what parts it.
ALTER TABLE stg_access_logs_rest DROP CONSTRAINT stg_access_logs_pkey;
ALTER INDEX stg_access_logs_of_file RENAME TO stg_access_logs_rest_of_file;
ALTER INDEX stg_access_logs_of_owner RENAME TO stg_access_logs_rest_of_owner;
ALTER INDEX stg_access_logs_of_user RENAME TO stg_access_logs_rest_of_user;
ALTER INDEX stg_access_logs_by_time RENAME TO stg_access_logs_rest_by_time;

CREATE TABLE stg_access_logs (LIKE stg_access_logs_rest INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING COMMENTS)
    PARTITION BY RANGE (accessed_at);
ALTER TABLE stg_access_logs ADD CONSTRAINT stg_access_logs_pkey PRIMARY KEY (id, accessed_at);
CREATE INDEX stg_access_logs_of_file ON stg_access_logs (file_id, accessed_at DESC, id DESC);
CREATE INDEX stg_access_logs_of_owner ON stg_access_logs (owner_id, accessed_at DESC, id DESC) WHERE owner_id IS NOT NULL;
CREATE INDEX stg_access_logs_of_user ON stg_access_logs (user_id, accessed_at DESC, id DESC) WHERE user_id IS NOT NULL;
CREATE INDEX stg_access_logs_by_time ON stg_access_logs USING brin (accessed_at timestamptz_minmax_multi_ops)
    WITH (pages_per_range = 32);
ALTER TABLE stg_access_logs ATTACH PARTITION stg_access_logs_rest DEFAULT;

COMMENT ON TABLE stg_access_logs IS 'One row for each response that gave, or refused, bytes of a file; by months.';

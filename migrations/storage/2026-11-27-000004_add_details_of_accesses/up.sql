ALTER TABLE stg_access_logs
    ADD COLUMN metadata jsonb NOT NULL DEFAULT '{}' CONSTRAINT stg_access_logs_metadata CHECK (jsonb_typeof(metadata) = 'object');

COMMENT ON COLUMN stg_access_logs.metadata IS 'What else tells the request from others: method (HEAD), ranges (each of several), variant (that was made for it), archive (true for an entry of one); an empty object for the usual. Writer: serving.';

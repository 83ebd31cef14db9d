-- No foreign keys: the trail outlives the file.
CREATE TABLE stg_access_logs (
    id uuid CONSTRAINT stg_access_logs_pkey PRIMARY KEY,
    file_id uuid NOT NULL,
    version_id uuid,
    user_id uuid,
    action text NOT NULL CONSTRAINT stg_access_logs_action CHECK (action IN ('download', 'stream', 'view')),
    accessed_at timestamptz NOT NULL,
    ip_address inet NOT NULL,
    user_agent text CONSTRAINT stg_access_logs_user_agent CHECK (char_length(user_agent) <= 512),
    response_code integer NOT NULL CONSTRAINT stg_access_logs_response_code CHECK (response_code BETWEEN 100 AND 599),
    bytes_transferred bigint NOT NULL CONSTRAINT stg_access_logs_bytes CHECK (bytes_transferred >= 0),
    duration_ms integer NOT NULL CONSTRAINT stg_access_logs_duration CHECK (duration_ms >= 0),
    range_start bigint,
    range_end bigint,
    aborted boolean NOT NULL,
    grant_issuer text,
    request_id text NOT NULL,
    referrer text CONSTRAINT stg_access_logs_referrer CHECK (char_length(referrer) <= 512),
    CONSTRAINT stg_access_logs_range CHECK ((range_start IS NULL) = (range_end IS NULL) AND range_start <= range_end)
);

CREATE INDEX stg_access_logs_of_file ON stg_access_logs (file_id, accessed_at DESC, id DESC);

COMMENT ON TABLE stg_access_logs IS 'One row for each response that gave, or refused, bytes of a file.';
COMMENT ON COLUMN stg_access_logs.id IS 'UUIDv7. Writer: serving.';
COMMENT ON COLUMN stg_access_logs.file_id IS 'The file that was asked for. Writer: serving.';
COMMENT ON COLUMN stg_access_logs.version_id IS 'The version that was served; null when none was. Writer: serving.';
COMMENT ON COLUMN stg_access_logs.user_id IS 'Who asked: the account of the token, or the one that the grant was made for; null when nobody is known. Writer: serving.';
COMMENT ON COLUMN stg_access_logs.action IS 'How the bytes were asked for. Writer: serving.';
COMMENT ON COLUMN stg_access_logs.accessed_at IS 'When the request came. Writer: serving.';
COMMENT ON COLUMN stg_access_logs.ip_address IS 'The caller''s address, past the proxies that are trusted. Writer: serving.';
COMMENT ON COLUMN stg_access_logs.user_agent IS 'The User-Agent header, cut to 512 characters; null without one. Writer: serving.';
COMMENT ON COLUMN stg_access_logs.response_code IS 'Status of the response. Writer: serving.';
COMMENT ON COLUMN stg_access_logs.bytes_transferred IS 'Bytes of the body that were handed to the connection; 0 for refusals and HEAD. Writer: serving.';
COMMENT ON COLUMN stg_access_logs.duration_ms IS 'From the request to the end of the body. Writer: serving.';
COMMENT ON COLUMN stg_access_logs.range_start IS 'First byte of the first range of a partial response; null for others. Writer: serving.';
COMMENT ON COLUMN stg_access_logs.range_end IS 'Last byte of the last range of a partial response; null for others. Writer: serving.';
COMMENT ON COLUMN stg_access_logs.aborted IS 'Whether the caller hung up before the end of the body. Writer: serving.';
COMMENT ON COLUMN stg_access_logs.grant_issuer IS 'Service whose grant opened the file; null without one. Writer: serving.';
COMMENT ON COLUMN stg_access_logs.request_id IS 'The request''s id, as in the log. Writer: serving.';
COMMENT ON COLUMN stg_access_logs.referrer IS 'The Referer header, cut to 512 characters; null without one. Writer: serving.';

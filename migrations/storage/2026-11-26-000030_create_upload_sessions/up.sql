CREATE TABLE stg_upload_sessions (
    id uuid CONSTRAINT stg_upload_sessions_pkey PRIMARY KEY,
    user_id uuid NOT NULL,
    length bigint CONSTRAINT stg_upload_sessions_length CHECK (length >= 0),
    "offset" bigint NOT NULL CONSTRAINT stg_upload_sessions_offset CHECK ("offset" >= 0),
    metadata text CONSTRAINT stg_upload_sessions_metadata CHECK (octet_length(metadata) BETWEEN 1 AND 4096),
    concat text CONSTRAINT stg_upload_sessions_concat CHECK (concat = 'partial' OR concat LIKE 'final;%'),
    part_path text CONSTRAINT stg_upload_sessions_part_path_key UNIQUE,
    fencing bigint NOT NULL,
    settled bigint NOT NULL,
    checksum text CONSTRAINT stg_upload_sessions_checksum CHECK (checksum ~ '^[0-9a-f]{64}$'),
    completed_file_id uuid,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT stg_upload_sessions_within CHECK ("offset" <= length),
    CONSTRAINT stg_upload_sessions_settled_within CHECK (settled BETWEEN 0 AND fencing),
    -- A whole upload is a file and has no part any more; but for a partial one, which waits to be put together.
    CONSTRAINT stg_upload_sessions_completed CHECK (
        (completed_file_id IS NULL) = (checksum IS NULL)
        AND (completed_file_id IS NULL OR ("offset" = length AND part_path IS NULL)))
);

CREATE INDEX stg_upload_sessions_of_user ON stg_upload_sessions (user_id);
CREATE INDEX stg_upload_sessions_by_end ON stg_upload_sessions (expires_at);

COMMENT ON TABLE stg_upload_sessions IS 'Uploads that come in pieces (tus 1.0), until they expire.';
COMMENT ON COLUMN stg_upload_sessions.id IS 'UUIDv7. Writer: POST /api/storage/uploads.';
COMMENT ON COLUMN stg_upload_sessions.user_id IS 'Whose upload it is. Writer: POST /api/storage/uploads.';
COMMENT ON COLUMN stg_upload_sessions.length IS 'Bytes of the whole; null while the client does not know. Writer: POST /api/storage/uploads, PATCH when it was deferred.';
COMMENT ON COLUMN stg_upload_sessions."offset" IS 'Bytes that are on the disk and acknowledged. Writer: PATCH /api/storage/uploads/{id}, after each fsync.';
COMMENT ON COLUMN stg_upload_sessions.metadata IS 'Upload-Metadata as it came; null without. Writer: POST /api/storage/uploads.';
COMMENT ON COLUMN stg_upload_sessions.concat IS 'Upload-Concat as it came; null for an upload by itself. Writer: POST /api/storage/uploads.';
COMMENT ON COLUMN stg_upload_sessions.part_path IS 'The file that holds what came so far; null once it is a file. Writer: POST and PATCH /api/storage/uploads.';
COMMENT ON COLUMN stg_upload_sessions.fencing IS 'Number of the request that may write; whoever has an older one writes no more. Writer: PATCH /api/storage/uploads/{id}.';
COMMENT ON COLUMN stg_upload_sessions.settled IS 'Number of the last request that closed the part after itself. Writer: PATCH /api/storage/uploads/{id}.';
COMMENT ON COLUMN stg_upload_sessions.checksum IS 'SHA-256 of the whole, in hex; null until it is a file. Writer: the last PATCH, in the file''s transaction.';
COMMENT ON COLUMN stg_upload_sessions.completed_file_id IS 'The file that it became; null until then. Writer: the last PATCH, in the file''s transaction.';
COMMENT ON COLUMN stg_upload_sessions.expires_at IS 'When it is forgotten; each piece puts it off. Writer: POST and PATCH /api/storage/uploads.';
COMMENT ON COLUMN stg_upload_sessions.created_at IS 'When it began. Writer: POST /api/storage/uploads.';
COMMENT ON COLUMN stg_upload_sessions.updated_at IS 'When something of it last came. Writer: POST and PATCH /api/storage/uploads.';

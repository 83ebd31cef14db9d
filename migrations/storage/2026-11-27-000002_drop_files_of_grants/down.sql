-- Which file they open is not known of those that were counted meanwhile; that they were used is.
ALTER TABLE stg_grant_uses ADD file_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000';
ALTER TABLE stg_grant_uses ALTER file_id DROP DEFAULT;
COMMENT ON COLUMN stg_grant_uses.file_id IS 'The file that it opens. Writer: GET of bytes with a grant.';

COMMENT ON COLUMN stg_upload_sessions."offset" IS 'Bytes that are on the disk and acknowledged. Writer: PATCH /api/storage/uploads/{id}, after each fsync.';
COMMENT ON COLUMN stg_upload_sessions.fencing IS 'Number of the request that may write; whoever has an older one writes no more. Writer: PATCH /api/storage/uploads/{id}.';
COMMENT ON COLUMN stg_upload_sessions.settled IS 'Number of the last request that closed the part after itself. Writer: PATCH /api/storage/uploads/{id}.';

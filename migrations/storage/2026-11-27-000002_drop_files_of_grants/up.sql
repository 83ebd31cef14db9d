-- Nobody reads which file a counted grant opens: the grant itself says so.
ALTER TABLE stg_grant_uses DROP file_id;

COMMENT ON COLUMN stg_upload_sessions."offset" IS 'Bytes that are on the disk and acknowledged. Writer: POST and PATCH of /api/storage/uploads, after each fsync.';
COMMENT ON COLUMN stg_upload_sessions.fencing IS 'Number of the request that may write; whoever has an older one writes no more. Writer: POST and PATCH of /api/storage/uploads.';
COMMENT ON COLUMN stg_upload_sessions.settled IS 'Number of the last request that closed the part after itself. Writer: POST and PATCH of /api/storage/uploads.';

DROP INDEX stg_files_expiring;

ALTER TABLE stg_files DROP COLUMN created_by, DROP COLUMN expires_at, DROP COLUMN metadata;

COMMENT ON COLUMN stg_files.original_name IS 'The name it was uploaded under, without folders. Writer: POST /api/storage/files.';
COMMENT ON COLUMN stg_files.tags IS 'The owner''s tags. Writer: POST /api/storage/files.';
COMMENT ON COLUMN stg_files.is_public IS 'Whether anyone may read it. Writer: POST /api/storage/files.';

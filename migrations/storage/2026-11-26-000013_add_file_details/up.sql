ALTER TABLE stg_files
    ADD COLUMN metadata jsonb NOT NULL DEFAULT '{}' CONSTRAINT stg_files_metadata CHECK (jsonb_typeof(metadata) = 'object'),
    ADD COLUMN expires_at timestamptz,
    ADD COLUMN created_by uuid;
UPDATE stg_files SET created_by = user_id;

CREATE INDEX stg_files_expiring ON stg_files (expires_at, id) WHERE expires_at IS NOT NULL AND deleted_at IS NULL;

COMMENT ON COLUMN stg_files.metadata IS 'What the owner keeps with it, of whatever shape. Writer: PATCH /api/storage/files/{id}.';
COMMENT ON COLUMN stg_files.expires_at IS 'When it is deleted by itself; null when it is not. Writer: PATCH /api/storage/files/{id}; a reference to it takes it away.';
COMMENT ON COLUMN stg_files.created_by IS 'The account that uploaded it; null when that is not known any more. Writer: POST /api/storage/files.';
COMMENT ON COLUMN stg_files.original_name IS 'The name it was uploaded under, without folders. Writer: POST /api/storage/files; PATCH /api/storage/files/{id}.';
COMMENT ON COLUMN stg_files.tags IS 'The owner''s tags. Writer: POST /api/storage/files; PATCH /api/storage/files/{id}.';
COMMENT ON COLUMN stg_files.is_public IS 'Whether anyone may read it. Writer: POST /api/storage/files; PATCH /api/storage/files/{id}.';

ALTER TABLE stg_versions
    ADD COLUMN change_description text
        CONSTRAINT stg_versions_change_description CHECK (char_length(change_description) BETWEEN 1 AND 500);

-- What no version refers to any more is taken away by whoever finds it.
CREATE INDEX stg_blobs_unused ON stg_blobs (checksum, storage_provider) WHERE ref_count = 0;

COMMENT ON COLUMN stg_versions.change_description IS 'What its maker says of the change; null when nothing was said. Writer: PUT /api/storage/files/{id}/content; POST /api/storage/files/{id}/versions/{n}/restore.';
COMMENT ON COLUMN stg_versions.version_type IS 'How it came to be. Writer: POST /api/storage/files; PUT /api/storage/files/{id}/content; POST /api/storage/files/{id}/versions/{n}/restore; jobs that make variants.';
COMMENT ON COLUMN stg_files.current_version IS 'Number of the version that is served. Writer: POST /api/storage/files; PUT /api/storage/files/{id}/content; POST /api/storage/files/{id}/versions/{n}/restore.';
COMMENT ON COLUMN stg_files.current_version_id IS 'The version that is served. Writer: POST /api/storage/files; PUT /api/storage/files/{id}/content; POST /api/storage/files/{id}/versions/{n}/restore.';
COMMENT ON COLUMN stg_files.last_modified IS 'When its bytes last changed. Writer: POST /api/storage/files; PUT /api/storage/files/{id}/content; POST /api/storage/files/{id}/versions/{n}/restore.';
COMMENT ON COLUMN stg_blobs.ref_count IS 'Counter: versions made of them. Writer: whoever makes or deletes versions, in the transaction.';

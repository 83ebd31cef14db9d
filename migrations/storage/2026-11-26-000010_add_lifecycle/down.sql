-- What is purged has nothing left that the schema before could name.
DELETE FROM stg_files WHERE purged_at IS NOT NULL;
UPDATE stg_files SET status = 'active' WHERE status = 'orphaned';

DROP INDEX stg_files_deleted_of_user;
DROP INDEX stg_files_due;

ALTER TABLE stg_files
    DROP CONSTRAINT stg_files_purged,
    DROP CONSTRAINT stg_files_life,
    DROP COLUMN purged_at,
    DROP COLUMN delete_after,
    DROP COLUMN orphaned_at,
    ALTER COLUMN current_version_id SET NOT NULL,
    ADD CONSTRAINT stg_files_deleted CHECK ((status = 'deleted') = (deleted_at IS NOT NULL));

COMMENT ON COLUMN stg_files.status IS 'State of the file. Writer: POST and DELETE /api/storage/files.';
COMMENT ON COLUMN stg_files.deleted_at IS 'When it was deleted; null while it lives. Writer: DELETE /api/storage/files/{id}.';
COMMENT ON COLUMN stg_files.current_version_id IS 'The version that is served. Writer: POST /api/storage/files; PUT /api/storage/files/{id}/content; POST /api/storage/files/{id}/versions/{n}/restore.';
COMMENT ON COLUMN stg_files.updated_at IS 'When anything of it last changed. Writer: POST and DELETE /api/storage/files; jobs that change its media.';

-- A file that is purged keeps its row, so that its trail can be read and whoever comes late is told 410; its versions are gone.
ALTER TABLE stg_files
    ADD COLUMN orphaned_at timestamptz,
    ADD COLUMN delete_after timestamptz,
    ADD COLUMN purged_at timestamptz,
    ALTER COLUMN current_version_id DROP NOT NULL;
UPDATE stg_files SET delete_after = deleted_at + interval '30 days' WHERE status = 'deleted';
ALTER TABLE stg_files
    DROP CONSTRAINT stg_files_deleted,
    ADD CONSTRAINT stg_files_life CHECK (CASE status
        WHEN 'active' THEN orphaned_at IS NULL AND delete_after IS NULL AND deleted_at IS NULL
        WHEN 'orphaned' THEN orphaned_at IS NOT NULL AND delete_after IS NOT NULL AND deleted_at IS NULL
        ELSE delete_after IS NOT NULL AND deleted_at IS NOT NULL END),
    ADD CONSTRAINT stg_files_purged CHECK ((purged_at IS NULL) = (current_version_id IS NOT NULL)
        AND (purged_at IS NULL OR status = 'deleted'));

CREATE INDEX stg_files_due ON stg_files (delete_after, id) WHERE delete_after IS NOT NULL AND purged_at IS NULL;
CREATE INDEX stg_files_deleted_of_user ON stg_files (user_id, id DESC) WHERE deleted_at IS NOT NULL;

COMMENT ON COLUMN stg_files.status IS 'State of the file. Writer: POST and DELETE /api/storage/files, POST /api/storage/files/{id}/restore; lifecycle: references that come, jobs of the timetable.';
COMMENT ON COLUMN stg_files.orphaned_at IS 'When it was seen that nothing refers to it; null while something does. Writer: storage.mark-orphans.';
COMMENT ON COLUMN stg_files.delete_after IS 'When an orphaned file is deleted, and until when a deleted one can be restored; null while it is active. Writer: DELETE /api/storage/files/{id}; storage.mark-orphans.';
COMMENT ON COLUMN stg_files.deleted_at IS 'When it was deleted; null while it lives. Writer: DELETE /api/storage/files/{id}; storage.purge-files.';
COMMENT ON COLUMN stg_files.purged_at IS 'When its versions and their bytes went; null while they are there. Writer: storage.purge-files.';
COMMENT ON COLUMN stg_files.current_version_id IS 'The version that is served; null when it is purged. Writer: POST /api/storage/files; PUT /api/storage/files/{id}/content; POST /api/storage/files/{id}/versions/{n}/restore; storage.purge-files.';
COMMENT ON COLUMN stg_files.updated_at IS 'When anything of it last changed. Writer: whoever changes it.';

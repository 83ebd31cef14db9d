DROP INDEX stg_blobs_unused;
ALTER TABLE stg_versions DROP COLUMN change_description;

ALTER TABLE stg_files DROP CONSTRAINT stg_files_current_version_fkey;
DROP TABLE stg_versions;
DROP TABLE stg_files;
DROP TABLE stg_blobs;

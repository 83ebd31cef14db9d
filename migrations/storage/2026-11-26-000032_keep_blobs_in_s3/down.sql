ALTER TABLE stg_blobs
    DROP CONSTRAINT stg_blobs_path_key,
    ADD CONSTRAINT stg_blobs_path_key UNIQUE (storage_path),
    DROP CONSTRAINT stg_blobs_bucket,
    DROP CONSTRAINT stg_blobs_provider,
    ADD CONSTRAINT stg_blobs_provider CHECK (storage_provider IN ('local')),
    DROP COLUMN bucket;

ALTER TABLE stg_blobs
    ADD COLUMN bucket text,
    DROP CONSTRAINT stg_blobs_provider,
    ADD CONSTRAINT stg_blobs_provider CHECK (storage_provider IN ('local', 's3')),
    ADD CONSTRAINT stg_blobs_bucket CHECK ((storage_provider = 's3') = (bucket IS NOT NULL)),
    -- Both keep a blob under the same name.
    DROP CONSTRAINT stg_blobs_path_key,
    ADD CONSTRAINT stg_blobs_path_key UNIQUE (storage_path, storage_provider);

COMMENT ON COLUMN stg_blobs.storage_provider IS 'Where the bytes are kept: local (a folder) or s3. Writer: POST /api/storage/files.';
COMMENT ON COLUMN stg_blobs.bucket IS 'The bucket that they are in; null in a folder. Writer: POST /api/storage/files, with REFRAIN_S3_BUCKET.';

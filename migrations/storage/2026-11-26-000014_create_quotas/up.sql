CREATE TABLE stg_quotas (
    user_id uuid CONSTRAINT stg_quotas_pkey PRIMARY KEY,
    bytes_limit bigint CONSTRAINT stg_quotas_limit CHECK (bytes_limit >= 0),
    bytes_used bigint NOT NULL CONSTRAINT stg_quotas_bytes_used CHECK (bytes_used >= 0),
    files_used bigint NOT NULL CONSTRAINT stg_quotas_files_used CHECK (files_used >= 0),
    updated_at timestamptz NOT NULL
);

INSERT INTO stg_quotas
SELECT file.user_id, NULL, coalesce((
           SELECT sum(held.file_size) FROM (
               SELECT DISTINCT version.checksum, version.storage_provider, version.file_size FROM stg_versions AS version
               JOIN stg_files AS own ON own.id = version.file_id WHERE own.user_id = file.user_id) AS held), 0),
       count(*), now()
FROM stg_files AS file WHERE file.purged_at IS NULL GROUP BY file.user_id;

COMMENT ON TABLE stg_quotas IS 'How much room people take, and how much they may.';
COMMENT ON COLUMN stg_quotas.user_id IS 'The person. Writer: whoever makes a person''s first file.';
COMMENT ON COLUMN stg_quotas.bytes_limit IS 'Bytes that there may be; null is what the installation gives everybody. Writer: PATCH /api/storage/usage/{userId}.';
COMMENT ON COLUMN stg_quotas.bytes_used IS 'Counter: bytes of the versions of the person''s files, the same bytes once. Writer: whoever makes or deletes versions, in the transaction.';
COMMENT ON COLUMN stg_quotas.files_used IS 'Counter: files of the person that are not purged. Writer: POST /api/storage/files; storage.purge-files.';
COMMENT ON COLUMN stg_quotas.updated_at IS 'When anything of it last changed. Writer: whoever changes it.';

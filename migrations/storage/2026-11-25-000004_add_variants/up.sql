-- Variants take numbers too: the current version's number is no longer the highest one.
ALTER TABLE stg_files ADD COLUMN current_version integer;
UPDATE stg_files SET current_version = v.version_number FROM stg_versions v WHERE v.id = stg_files.current_version_id;
ALTER TABLE stg_files
    ALTER COLUMN current_version SET NOT NULL,
    ADD CONSTRAINT stg_files_current_version CHECK (current_version BETWEEN 1 AND version_counter);

ALTER TABLE stg_versions
    ADD COLUMN variant_of integer,
    ADD COLUMN variant_key text,
    ADD COLUMN processing_params jsonb,
    ADD CONSTRAINT stg_versions_variant CHECK ((version_type = 'variant') = (variant_of IS NOT NULL)
        AND (variant_of IS NULL) = (variant_key IS NULL) AND (variant_of IS NULL) = (processing_params IS NULL)),
    ADD CONSTRAINT stg_versions_variant_of_fkey FOREIGN KEY (file_id, variant_of)
        REFERENCES stg_versions (file_id, version_number) ON DELETE CASCADE,
    ADD CONSTRAINT stg_versions_variant_key UNIQUE (file_id, variant_of, variant_key);

COMMENT ON COLUMN stg_files.current_version IS 'Number of the version that is served. Writer: POST /api/storage/files.';
COMMENT ON COLUMN stg_files.version_counter IS 'Counter: the highest version number ever given, variants'' included. Writer: POST /api/storage/files; jobs that make variants.';
COMMENT ON COLUMN stg_files.media IS 'What is known of its media; null where there is nothing to know. Writer: POST /api/storage/files; jobs of the types probe, waveform and thumbnail.';
COMMENT ON COLUMN stg_files.updated_at IS 'When anything of it last changed. Writer: POST and DELETE /api/storage/files; jobs that change its media.';
COMMENT ON COLUMN stg_versions.version_type IS 'How it came to be. Writer: POST /api/storage/files; jobs that make variants.';
COMMENT ON COLUMN stg_versions.variant_of IS 'Number of the version that a variant was made from; null for others. Writer: jobs that make variants.';
COMMENT ON COLUMN stg_versions.variant_key IS 'What a variant is, once for each source: thumb@256.webp; null for others. Writer: jobs that make variants.';
COMMENT ON COLUMN stg_versions.processing_params IS 'How a variant was made, as ordered; null for others. Writer: jobs that make variants.';
COMMENT ON COLUMN stg_versions.created_by IS 'The account that made it, or in whose name a job did. Writer: POST /api/storage/files; jobs that make variants.';
COMMENT ON COLUMN stg_blobs.ref_count IS 'Counter: versions made of them. Writer: POST /api/storage/files and jobs that make variants, in their transactions.';

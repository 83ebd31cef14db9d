UPDATE stg_blobs b SET ref_count = b.ref_count - v.n
    FROM (SELECT checksum, storage_provider, count(*) AS n FROM stg_versions WHERE version_type = 'variant' GROUP BY 1, 2) v
    WHERE b.checksum = v.checksum AND b.storage_provider = v.storage_provider;
DELETE FROM stg_versions WHERE version_type = 'variant';
ALTER TABLE stg_versions
    DROP CONSTRAINT stg_versions_variant_key,
    DROP CONSTRAINT stg_versions_variant_of_fkey,
    DROP CONSTRAINT stg_versions_variant,
    DROP COLUMN processing_params,
    DROP COLUMN variant_key,
    DROP COLUMN variant_of;
ALTER TABLE stg_files DROP COLUMN current_version;

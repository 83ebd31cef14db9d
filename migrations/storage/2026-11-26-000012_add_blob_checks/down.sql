ALTER TABLE stg_blobs DROP COLUMN corrupt_at, DROP COLUMN verified_at;

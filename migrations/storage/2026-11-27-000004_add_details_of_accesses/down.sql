ALTER TABLE stg_access_logs DROP COLUMN metadata;

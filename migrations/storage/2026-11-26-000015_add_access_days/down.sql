DROP TABLE stg_access_days;
DROP INDEX stg_access_logs_by_time, stg_access_logs_of_user, stg_access_logs_of_owner;

ALTER TABLE stg_access_logs DROP COLUMN owner_id;

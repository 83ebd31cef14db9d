DROP TABLE stg_access_logs;

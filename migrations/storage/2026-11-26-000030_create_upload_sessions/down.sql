DROP TABLE stg_upload_sessions;

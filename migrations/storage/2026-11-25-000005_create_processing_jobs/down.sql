DROP TABLE stg_processing_jobs;

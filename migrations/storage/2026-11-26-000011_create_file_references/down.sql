DROP TABLE stg_file_references;

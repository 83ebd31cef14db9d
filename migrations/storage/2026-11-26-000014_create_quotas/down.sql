DROP TABLE stg_quotas;

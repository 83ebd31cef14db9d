DROP TABLE stg_idempotency_keys;

DROP TABLE usr_idempotency_keys;

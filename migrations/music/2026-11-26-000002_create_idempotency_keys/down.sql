DROP TABLE mus_idempotency_keys;

ALTER TABLE mus_idempotency_keys ALTER location DROP NOT NULL;
COMMENT ON COLUMN mus_idempotency_keys.location IS 'Location of the answer; null where it has none. Writer: every POST that creates, in its transaction.';

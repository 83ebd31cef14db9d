-- Every answer that is kept is of something that was made, and says where it is.
ALTER TABLE mus_idempotency_keys ALTER location SET NOT NULL;
COMMENT ON COLUMN mus_idempotency_keys.location IS 'Location of the answer. Writer: every POST that creates, in its transaction.';

CREATE TABLE mus_idempotency_keys (
    user_id uuid NOT NULL,
    key text NOT NULL CONSTRAINT mus_idempotency_keys_key CHECK (char_length(key) BETWEEN 1 AND 255),
    request_digest bytea NOT NULL CONSTRAINT mus_idempotency_keys_digest CHECK (octet_length(request_digest) = 32),
    status smallint NOT NULL CONSTRAINT mus_idempotency_keys_status CHECK (status BETWEEN 200 AND 299),
    location text,
    etag text,
    body jsonb NOT NULL,
    answered_at timestamptz NOT NULL,
    CONSTRAINT mus_idempotency_keys_pkey PRIMARY KEY (user_id, key)
);

CREATE INDEX mus_idempotency_keys_by_time ON mus_idempotency_keys (answered_at);

COMMENT ON TABLE mus_idempotency_keys IS 'Answers to requests with an Idempotency-Key, for a day.';
COMMENT ON COLUMN mus_idempotency_keys.user_id IS 'Whose request it was. Writer: every POST that creates, in its transaction.';
COMMENT ON COLUMN mus_idempotency_keys.key IS 'The key, the client''s choice. Writer: every POST that creates, in its transaction.';
COMMENT ON COLUMN mus_idempotency_keys.request_digest IS 'SHA-256 of method, path and body: the same request again has it. Writer: every POST that creates, in its transaction.';
COMMENT ON COLUMN mus_idempotency_keys.status IS 'Status of the answer. Writer: every POST that creates, in its transaction.';
COMMENT ON COLUMN mus_idempotency_keys.location IS 'Location of the answer; null where it has none. Writer: every POST that creates, in its transaction.';
COMMENT ON COLUMN mus_idempotency_keys.etag IS 'Entity tag of the answer; null where it has none. Writer: every POST that creates, in its transaction.';
COMMENT ON COLUMN mus_idempotency_keys.body IS 'Body of the answer. Writer: every POST that creates, in its transaction.';
COMMENT ON COLUMN mus_idempotency_keys.answered_at IS 'When it was answered. Writer: every POST that creates, in its transaction.';

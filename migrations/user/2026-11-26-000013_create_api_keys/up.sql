-- Keys with which programs act for an account. Each is exchanged for short access tokens, of which it is the session.
CREATE TABLE usr_api_keys (
    id uuid CONSTRAINT usr_api_keys_pkey PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT usr_api_keys_account_fkey REFERENCES usr_accounts (id),
    name text NOT NULL CONSTRAINT usr_api_keys_name CHECK (char_length(name) BETWEEN 1 AND 100),
    key_hash bytea NOT NULL CONSTRAINT usr_api_keys_key_key UNIQUE,
    scopes text[] NOT NULL CONSTRAINT usr_api_keys_scopes
        CHECK (scopes <@ ARRAY['read', 'write', 'role'] AND cardinality(scopes) BETWEEN 1 AND 3),
    created_at timestamptz NOT NULL,
    last_used_at timestamptz,
    expires_at timestamptz,
    revoked_at timestamptz
);

CREATE INDEX usr_api_keys_of_user ON usr_api_keys (user_id, id DESC);

COMMENT ON TABLE usr_api_keys IS 'Keys with which programs act for an account.';
COMMENT ON COLUMN usr_api_keys.id IS 'UUIDv7; the sid of its access tokens. Writer: POST /api/auth/api-keys.';
COMMENT ON COLUMN usr_api_keys.user_id IS 'The account. Writer: POST /api/auth/api-keys.';
COMMENT ON COLUMN usr_api_keys.name IS 'What it is for. Writer: POST /api/auth/api-keys, PATCH /api/auth/api-keys/{id}.';
COMMENT ON COLUMN usr_api_keys.key_hash IS 'SHA-256 of the key, which is told once. Writer: POST /api/auth/api-keys.';
COMMENT ON COLUMN usr_api_keys.scopes IS 'What it may do, words of contracts::ApiScope. Writer: POST /api/auth/api-keys.';
COMMENT ON COLUMN usr_api_keys.created_at IS 'When it was made. Writer: POST /api/auth/api-keys.';
COMMENT ON COLUMN usr_api_keys.last_used_at IS 'When it was last exchanged, to a minute; null before the first time. Writer: POST /api/auth/api-keys/exchange.';
COMMENT ON COLUMN usr_api_keys.expires_at IS 'Until when it is good; null for ever. Writer: POST /api/auth/api-keys.';
COMMENT ON COLUMN usr_api_keys.revoked_at IS 'When it was taken back; null while it is good. Writer: DELETE /api/auth/api-keys/{id}, POST /api/auth/password-reset/confirm, POST /api/privacy/erase.';

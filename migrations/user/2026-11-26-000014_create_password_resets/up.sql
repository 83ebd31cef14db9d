-- Wishes for a new password by mail. A wish is written down whether there is such an account or not; what is worked off
-- later finds out, so that the answer tells nobody.
CREATE TABLE usr_password_resets (
    id uuid CONSTRAINT usr_password_resets_pkey PRIMARY KEY,
    email citext NOT NULL,
    user_id uuid CONSTRAINT usr_password_resets_account_fkey REFERENCES usr_accounts (id),
    token_hash bytea CONSTRAINT usr_password_resets_token_key UNIQUE,
    attempts integer NOT NULL CONSTRAINT usr_password_resets_attempts CHECK (attempts >= 0),
    next_attempt_at timestamptz,
    requested_at timestamptz NOT NULL,
    sent_at timestamptz,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT usr_password_resets_waiting CHECK (next_attempt_at IS NULL OR sent_at IS NULL)
);

CREATE INDEX usr_password_resets_waiting ON usr_password_resets (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX usr_password_resets_of_user ON usr_password_resets (user_id);
CREATE INDEX usr_password_resets_by_age ON usr_password_resets (expires_at);

COMMENT ON TABLE usr_password_resets IS 'Wishes for a new password by mail; those of no account go when their turn comes, the others a day after they are over.';
COMMENT ON COLUMN usr_password_resets.id IS 'UUIDv7. Writer: POST /api/auth/password-reset/request.';
COMMENT ON COLUMN usr_password_resets.email IS 'The address that was given. Writer: POST /api/auth/password-reset/request.';
COMMENT ON COLUMN usr_password_resets.user_id IS 'Its account; null until the mail''s turn. Writer: the mail room.';
COMMENT ON COLUMN usr_password_resets.token_hash IS 'SHA-256 of the token in the last mail; null until the mail''s turn. Writer: the mail room.';
COMMENT ON COLUMN usr_password_resets.attempts IS 'How often the mail was tried. Writer: the mail room.';
COMMENT ON COLUMN usr_password_resets.next_attempt_at IS 'When the mail is tried next; null once it is sent or given up. Writer: POST /api/auth/password-reset/request, the mail room.';
COMMENT ON COLUMN usr_password_resets.requested_at IS 'When it was wished for. Writer: POST /api/auth/password-reset/request.';
COMMENT ON COLUMN usr_password_resets.sent_at IS 'When the mail left; null before. Writer: the mail room.';
COMMENT ON COLUMN usr_password_resets.expires_at IS 'Until when the token is good. Writer: POST /api/auth/password-reset/request.';
COMMENT ON COLUMN usr_password_resets.used_at IS 'When the token was used, or another of the account''s; null while it is good. Writer: POST /api/auth/password-reset/confirm.';

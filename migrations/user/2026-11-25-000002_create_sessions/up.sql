-- One row a refresh token. Rotation chains them into families: a family is one login.
CREATE TABLE usr_user_sessions (
    id uuid CONSTRAINT usr_user_sessions_pkey PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT usr_user_sessions_account_fkey REFERENCES usr_accounts (id),
    family_id uuid NOT NULL,
    refresh_token_hash bytea NOT NULL CONSTRAINT usr_user_sessions_token_key UNIQUE,
    successor_nonce bytea NOT NULL,
    replaced_by uuid CONSTRAINT usr_user_sessions_replaced_by_fkey REFERENCES usr_user_sessions (id),
    replaced_at timestamptz,
    device_type text NOT NULL CONSTRAINT usr_user_sessions_device_type CHECK (device_type IN
        ('mobile', 'tablet', 'desktop', 'web', 'tv', 'speaker', 'car', 'watch', 'other', 'unknown')),
    ip_address inet NOT NULL,
    user_agent text CONSTRAINT usr_user_sessions_user_agent CHECK (char_length(user_agent) <= 512),
    created_at timestamptz NOT NULL,
    last_activity_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    revoke_reason text CONSTRAINT usr_user_sessions_revoke_reason
        CHECK (revoke_reason IN ('logout', 'ended', 'reuse', 'password')),
    CONSTRAINT usr_user_sessions_replaced CHECK ((replaced_by IS NULL) = (replaced_at IS NULL)),
    CONSTRAINT usr_user_sessions_revoked CHECK ((revoked_at IS NULL) = (revoke_reason IS NULL))
);

CREATE INDEX usr_user_sessions_live ON usr_user_sessions (user_id, id DESC)
    WHERE replaced_by IS NULL AND revoked_at IS NULL;
CREATE INDEX usr_user_sessions_of_user ON usr_user_sessions (user_id);
CREATE INDEX usr_user_sessions_of_family ON usr_user_sessions (family_id);
CREATE INDEX usr_user_sessions_of_successor ON usr_user_sessions (replaced_by);

COMMENT ON TABLE usr_user_sessions IS 'Refresh tokens, hashed; those of one login form a family.';
COMMENT ON COLUMN usr_user_sessions.id IS 'UUIDv7. Writer: register, login, refresh.';
COMMENT ON COLUMN usr_user_sessions.user_id IS 'The account. Writer: register, login, refresh.';
COMMENT ON COLUMN usr_user_sessions.family_id IS 'The login; the sid of its access tokens. Writer: register, login; refresh passes it on.';
COMMENT ON COLUMN usr_user_sessions.refresh_token_hash IS 'SHA-256 of the token. Writer: register, login, refresh.';
COMMENT ON COLUMN usr_user_sessions.successor_nonce IS 'Random; with the token it makes the next one, so that a repeated refresh gets the same. Writer: register, login, refresh.';
COMMENT ON COLUMN usr_user_sessions.replaced_by IS 'The row of the next token; null while this one is good. Writer: refresh.';
COMMENT ON COLUMN usr_user_sessions.replaced_at IS 'When it was replaced; null while it is good. Writer: refresh.';
COMMENT ON COLUMN usr_user_sessions.device_type IS 'From the User-Agent. Writer: register, login, refresh.';
COMMENT ON COLUMN usr_user_sessions.ip_address IS 'Address of the caller, past trusted proxies. Writer: register, login, refresh.';
COMMENT ON COLUMN usr_user_sessions.user_agent IS 'The User-Agent header, cut to 512 characters; null without one. Writer: register, login, refresh.';
COMMENT ON COLUMN usr_user_sessions.created_at IS 'When the login was. Writer: register, login; refresh passes it on.';
COMMENT ON COLUMN usr_user_sessions.last_activity_at IS 'When this token was made. Writer: register, login, refresh.';
COMMENT ON COLUMN usr_user_sessions.expires_at IS 'Until when the token is good. Writer: register, login, refresh.';
COMMENT ON COLUMN usr_user_sessions.revoked_at IS 'When the family was ended; null while it lives. Writer: logout, DELETE /api/auth/sessions/{id}, reuse, refrain user password.';
COMMENT ON COLUMN usr_user_sessions.revoke_reason IS 'Why it was ended; null with it. Writer: as revoked_at.';

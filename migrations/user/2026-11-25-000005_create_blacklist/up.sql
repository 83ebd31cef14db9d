-- Sessions whose access tokens are void before their time. By session, not by token: a session's tokens end together.
CREATE TABLE usr_token_blacklist (
    session_id uuid CONSTRAINT usr_token_blacklist_pkey PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT usr_token_blacklist_account_fkey REFERENCES usr_accounts (id),
    reason text NOT NULL CONSTRAINT usr_token_blacklist_reason
        CHECK (reason IN ('logout', 'ended', 'reuse', 'password', 'suspended', 'role')),
    issued_until timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE INDEX usr_token_blacklist_of_user ON usr_token_blacklist (user_id);
CREATE INDEX usr_token_blacklist_live ON usr_token_blacklist (expires_at);

ALTER TABLE usr_user_sessions DROP CONSTRAINT usr_user_sessions_revoke_reason;
ALTER TABLE usr_user_sessions ADD CONSTRAINT usr_user_sessions_revoke_reason
    CHECK (revoke_reason IN ('logout', 'ended', 'reuse', 'password', 'suspended'));

COMMENT ON TABLE usr_token_blacklist IS 'Sessions whose access tokens are void before their time; every verifier reads them in a signed feed.';
COMMENT ON COLUMN usr_token_blacklist.session_id IS 'The session, sid of the tokens. Writer: whatever ends a session, PATCH /api/admin/users/{id}, refrain user role and password.';
COMMENT ON COLUMN usr_token_blacklist.user_id IS 'The account. Writer: as session_id.';
COMMENT ON COLUMN usr_token_blacklist.reason IS 'Why. Writer: as session_id.';
COMMENT ON COLUMN usr_token_blacklist.issued_until IS 'Tokens that were issued by then are void. Writer: as session_id.';
COMMENT ON COLUMN usr_token_blacklist.expires_at IS 'When the last of them is over anyway; the row goes then. Writer: as session_id; a job deletes.';
COMMENT ON COLUMN usr_user_sessions.revoked_at IS 'When the family was ended; null while it lives. Writer: logout, DELETE /api/auth/sessions/{id}, reuse, PATCH /api/admin/users/{id}, refrain user password.';
COMMENT ON COLUMN usr_accounts.password_hash IS 'Argon2id in the PHC string format. Writer: POST /api/auth/register, refrain user create and password, POST /api/auth/password.';
COMMENT ON COLUMN usr_accounts.role IS 'What the account may do. Writer: POST /api/auth/register (always user), refrain user create and role, PATCH /api/admin/users/{id}.';
COMMENT ON COLUMN usr_accounts.status IS 'Whether it may log in. Writer: POST /api/auth/register (always active), refrain user create, PATCH /api/admin/users/{id}.';

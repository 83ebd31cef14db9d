COMMENT ON COLUMN usr_accounts.status IS 'Whether it may log in. Writer: POST /api/auth/register (always active), refrain user create.';
COMMENT ON COLUMN usr_accounts.role IS 'What the account may do. Writer: POST /api/auth/register (always user), refrain user create and role.';
COMMENT ON COLUMN usr_accounts.password_hash IS 'Argon2id in the PHC string format. Writer: POST /api/auth/register, refrain user create and password.';
COMMENT ON COLUMN usr_user_sessions.revoked_at IS 'When the family was ended; null while it lives. Writer: logout, DELETE /api/auth/sessions/{id}, reuse, refrain user password.';
UPDATE usr_user_sessions SET revoke_reason = 'ended' WHERE revoke_reason = 'suspended';
ALTER TABLE usr_user_sessions DROP CONSTRAINT usr_user_sessions_revoke_reason;
ALTER TABLE usr_user_sessions ADD CONSTRAINT usr_user_sessions_revoke_reason
    CHECK (revoke_reason IN ('logout', 'ended', 'reuse', 'password'));
DROP TABLE usr_token_blacklist;

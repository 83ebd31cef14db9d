COMMENT ON COLUMN usr_token_blacklist.user_id IS 'The account. Writer: as session_id.';
COMMENT ON COLUMN usr_token_blacklist.session_id IS 'The session, sid of the tokens. Writer: whatever ends a session, PATCH /api/admin/users/{id}, refrain user role and password.';
COMMENT ON COLUMN usr_user_sessions.revoked_at IS 'When the family was ended; null while it lives. Writer: logout, DELETE /api/auth/sessions/{id}, reuse, PATCH /api/admin/users/{id}, refrain user password.';
DELETE FROM usr_token_blacklist WHERE user_id IS NULL;
UPDATE usr_token_blacklist SET reason = 'ended' WHERE reason IN ('reset', 'converted', 'merged', 'erased', 'api-key');
ALTER TABLE usr_token_blacklist
    DROP CONSTRAINT usr_token_blacklist_reason,
    ADD CONSTRAINT usr_token_blacklist_reason
        CHECK (reason IN ('logout', 'ended', 'reuse', 'password', 'suspended', 'role')),
    ALTER COLUMN user_id SET NOT NULL;
UPDATE usr_user_sessions SET revoke_reason = 'ended'
    WHERE revoke_reason IN ('reset', 'converted', 'merged', 'erased');
ALTER TABLE usr_user_sessions
    DROP CONSTRAINT usr_user_sessions_revoke_reason,
    ADD CONSTRAINT usr_user_sessions_revoke_reason
        CHECK (revoke_reason IN ('logout', 'ended', 'reuse', 'password', 'suspended')),
    DROP COLUMN device_info;

ALTER TABLE usr_user_sessions
    ADD COLUMN device_info text CONSTRAINT usr_user_sessions_device_info CHECK (char_length(device_info) <= 200),
    DROP CONSTRAINT usr_user_sessions_revoke_reason,
    ADD CONSTRAINT usr_user_sessions_revoke_reason CHECK (revoke_reason IN
        ('logout', 'ended', 'reuse', 'password', 'suspended', 'reset', 'converted', 'merged', 'erased'));
ALTER TABLE usr_token_blacklist
    ALTER COLUMN user_id DROP NOT NULL,
    DROP CONSTRAINT usr_token_blacklist_reason,
    ADD CONSTRAINT usr_token_blacklist_reason CHECK (reason IN
        ('logout', 'ended', 'reuse', 'password', 'suspended', 'role', 'reset', 'converted', 'merged', 'erased', 'api-key'));

COMMENT ON COLUMN usr_user_sessions.device_info IS 'Program and system, from the User-Agent; null when it tells neither. Writer: register, login, guest, refresh.';
COMMENT ON COLUMN usr_user_sessions.revoked_at IS 'When the family was ended; null while it lives. Writer: logout, DELETE /api/auth/sessions/{id}, reuse, password, password-reset, guest/convert, PATCH /api/admin/users/{id}, POST /api/privacy/erase, refrain user password.';
COMMENT ON COLUMN usr_token_blacklist.session_id IS 'The session or API key, sid of the tokens. Writer: whatever ends a session, DELETE /api/auth/api-keys/{id}, PATCH /api/admin/users/{id}, refrain user role and password.';
COMMENT ON COLUMN usr_token_blacklist.user_id IS 'The account; null once it is erased. Writer: as session_id.';

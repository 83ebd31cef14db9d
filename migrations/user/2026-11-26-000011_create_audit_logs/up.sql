-- What happened to accounts that matters for their security. Rows are added and never changed, but for the names of who is gone.
CREATE TABLE usr_audit_logs (
    id uuid CONSTRAINT usr_audit_logs_pkey PRIMARY KEY,
    user_id uuid CONSTRAINT usr_audit_logs_account_fkey REFERENCES usr_accounts (id),
    actor_id uuid,
    action text NOT NULL CONSTRAINT usr_audit_logs_action CHECK (action IN (
        'registered', 'guest-began', 'guest-converted', 'guest-merged', 'logged-in', 'login-failed', 'logged-out',
        'session-ended', 'token-reused', 'password-changed', 'reset-requested', 'password-reset', 'role-changed',
        'suspended', 'reinstated', 'api-key-created', 'api-key-revoked', 'export-requested', 'erase-requested')),
    ip_address inet,
    user_agent text CONSTRAINT usr_audit_logs_user_agent CHECK (char_length(user_agent) <= 512),
    details jsonb NOT NULL CONSTRAINT usr_audit_logs_details CHECK (jsonb_typeof(details) = 'object'),
    occurred_at timestamptz NOT NULL
);

CREATE INDEX usr_audit_logs_of_user ON usr_audit_logs (user_id, id DESC);
CREATE INDEX usr_audit_logs_of_actor ON usr_audit_logs (actor_id) WHERE actor_id IS NOT NULL;

CREATE FUNCTION usr_audit_logs_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.id, NEW.action, NEW.occurred_at) = (OLD.id, OLD.action, OLD.occurred_at) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'usr_audit_logs is append-only';
END
$$;

CREATE TRIGGER usr_audit_logs_append_only BEFORE UPDATE OR DELETE ON usr_audit_logs
    FOR EACH ROW EXECUTE FUNCTION usr_audit_logs_append_only();

COMMENT ON TABLE usr_audit_logs IS 'Append-only: what happened to accounts that matters for their security, in the transaction in which it did.';
COMMENT ON COLUMN usr_audit_logs.id IS 'UUIDv7. Writer: whatever is written down.';
COMMENT ON COLUMN usr_audit_logs.user_id IS 'Whose account; null for an address without one, and after an erasure. Writer: whatever is written down.';
COMMENT ON COLUMN usr_audit_logs.actor_id IS 'Who did it; null from the shell, before a login, and after an erasure. Writer: whatever is written down.';
COMMENT ON COLUMN usr_audit_logs.action IS 'What happened, a word of contracts::AuditAction. Writer: register, login, refresh, logout, sessions, password, password-reset, guest, api-keys, admin/users, privacy, refrain user.';
COMMENT ON COLUMN usr_audit_logs.ip_address IS 'Address of the caller, past trusted proxies; null from the shell, and after an erasure. Writer: whatever is written down.';
COMMENT ON COLUMN usr_audit_logs.user_agent IS 'The User-Agent header, cut to 512 characters; null without one, and after an erasure. Writer: whatever is written down.';
COMMENT ON COLUMN usr_audit_logs.details IS 'More, by action; empty after an erasure. Writer: whatever is written down.';
COMMENT ON COLUMN usr_audit_logs.occurred_at IS 'When. Writer: whatever is written down.';

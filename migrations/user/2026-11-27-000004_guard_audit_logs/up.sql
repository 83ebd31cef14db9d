CREATE OR REPLACE FUNCTION usr_audit_logs_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Names move and go, and so may what would lead to them; nothing is told otherwise than it was.
    IF TG_OP = 'UPDATE' AND (NEW.id, NEW.action, NEW.occurred_at) = (OLD.id, OLD.action, OLD.occurred_at)
            AND (NEW.details = OLD.details OR NEW.details = '{}')
            AND (NEW.ip_address IS NULL OR NEW.ip_address = OLD.ip_address)
            AND (NEW.user_agent IS NULL OR NEW.user_agent = OLD.user_agent) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'usr_audit_logs is append-only';
END
$$;

COMMENT ON COLUMN usr_api_keys.revoked_at IS 'When it was taken back; null while it is good. Writer: DELETE /api/auth/api-keys/{id}, POST /api/auth/password-reset/confirm.';

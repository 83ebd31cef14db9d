CREATE OR REPLACE FUNCTION usr_audit_logs_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.id, NEW.action, NEW.occurred_at) = (OLD.id, OLD.action, OLD.occurred_at) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'usr_audit_logs is append-only';
END
$$;

COMMENT ON COLUMN usr_api_keys.revoked_at IS 'When it was taken back; null while it is good. Writer: DELETE /api/auth/api-keys/{id}, POST /api/auth/password-reset/confirm, POST /api/privacy/erase.';

UPDATE usr_user_patterns SET deactivated_reason = coalesce(deactivated_reason, 'not_me') WHERE deleted_at IS NOT NULL;
ALTER TABLE usr_user_patterns
    DROP CONSTRAINT usr_user_patterns_active,
    DROP deleted_at,
    ADD CONSTRAINT usr_user_patterns_active CHECK (is_active = (deactivated_reason IS NULL));
COMMENT ON COLUMN usr_user_patterns.is_active IS 'Whether it is shown. Writer: an analysis run; the reaction not_me.';
COMMENT ON COLUMN usr_user_patterns.deactivated_reason IS 'Why it is not shown; null while it is. Writer: as is_active.';

UPDATE usr_insights SET withdrawn_at = coalesce(withdrawn_at, deleted_at) WHERE deleted_at IS NOT NULL;
ALTER TABLE usr_insights DROP deleted_at, DROP actionable, DROP category, DROP entry_id;

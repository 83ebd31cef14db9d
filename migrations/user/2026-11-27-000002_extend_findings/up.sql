-- What insights are about, and that people delete insights and patterns. The defaults are for a version that runs beside this one.
ALTER TABLE usr_insights
    ADD entry_id uuid CONSTRAINT usr_insights_entry_fkey REFERENCES lib_entries (id),
    ADD category text NOT NULL DEFAULT 'writing'
        CONSTRAINT usr_insights_category CHECK (category IN ('writing', 'mood', 'listening', 'themes')),
    ADD actionable boolean NOT NULL DEFAULT false,
    ADD deleted_at timestamptz;
UPDATE usr_insights AS insight SET
    entry_id = (SELECT entry.id FROM lib_entries AS entry
                WHERE jsonb_array_length(insight.evidence) = 1 AND entry.id::text = insight.evidence->>0),
    category = CASE
        WHEN insight.type = 'emotional' OR (insight.type = 'temporal' AND pattern.pattern_key LIKE 'mood:%') THEN 'mood'
        WHEN insight.type = 'thematic' THEN 'themes'
        WHEN insight.type = 'musical' THEN 'listening'
        ELSE 'writing' END,
    actionable = insight.type IN ('temporal', 'behavioral', 'musical')
FROM usr_user_patterns AS pattern WHERE pattern.id = insight.pattern_id;
CREATE INDEX usr_insights_of_entry ON usr_insights (entry_id);

COMMENT ON COLUMN usr_insights.entry_id IS 'The entry that it is about, when it rests on one alone; null else. Writer: an analysis run, POST .../patterns/{id}/reaction.';
COMMENT ON COLUMN usr_insights.category IS 'The side of the person''s days that it is about, as in usr_profile_analytics. Writer: an analysis run, POST .../patterns/{id}/reaction.';
COMMENT ON COLUMN usr_insights.actionable IS 'Whether it is about what the person does, or when, and so about something that can be done otherwise. Writer: an analysis run, POST .../patterns/{id}/reaction.';
COMMENT ON COLUMN usr_insights.deleted_at IS 'When the person deleted it or its pattern, which is not told again; null before, and when the person then says that the pattern resonates. Writer: DELETE .../insights/{id}, DELETE .../patterns/{id}; POST .../patterns/{id}/reaction.';

ALTER TABLE usr_user_patterns
    ADD deleted_at timestamptz,
    DROP CONSTRAINT usr_user_patterns_active,
    ADD CONSTRAINT usr_user_patterns_active CHECK (is_active = (deactivated_reason IS NULL AND deleted_at IS NULL));

COMMENT ON COLUMN usr_user_patterns.is_active IS 'Whether it is shown. Writer: an analysis run; the reaction not_me; DELETE .../patterns/{id}.';
COMMENT ON COLUMN usr_user_patterns.deactivated_reason IS 'Why it is not shown, but for being deleted; null while it is shown. Writer: an analysis run; the reaction not_me; DELETE of entries, chapters, books and reflections.';
COMMENT ON COLUMN usr_user_patterns.deleted_at IS 'When the person deleted it: no run finds it again. Writer: DELETE .../patterns/{id}.';

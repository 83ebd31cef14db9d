ALTER TABLE usr_insights DROP evidence_days;
ALTER TABLE usr_user_patterns DROP evidence_days, DROP evidence_checkin_ids;
COMMENT ON COLUMN usr_user_patterns.deactivated_reason IS 'Why it is not shown, but for being deleted; null while it is shown. Writer: an analysis run; the reaction not_me; DELETE of entries, chapters, books and reflections.';
COMMENT ON COLUMN usr_insights.evidence IS 'Ids of the entries and reflections that it rests on. Writer: an analysis run, POST .../patterns/{id}/reaction.';
COMMENT ON COLUMN usr_insights.withdrawn_at IS 'When it was taken back, because evidence was deleted or the person said not_me; null while it holds. Writer: DELETE of entries, chapters, books and reflections; POST .../patterns/{id}/reaction.';

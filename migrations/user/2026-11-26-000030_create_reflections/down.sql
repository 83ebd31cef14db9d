ALTER TABLE usr_user_patterns DROP evidence_reflection_ids;
ALTER TABLE usr_insights DROP validated_at, DROP validated_by;
ALTER TABLE usr_pattern_reactions DROP follow_up_reflection_id, DROP generated_insight_id;
ALTER TABLE usr_mood_checkins DROP linked_reflection_id, DROP pattern_connection_id;
ALTER TABLE usr_profiles DROP total_reflections;
DROP TABLE usr_reflection_turns;
DROP TABLE usr_reflections;
COMMENT ON COLUMN usr_insights.evidence IS 'Ids of the entries that it rests on. Writer: an analysis run.';
COMMENT ON COLUMN usr_insights.withdrawn_at IS 'When it was taken back, because evidence was deleted or the person said not_me; null while it holds. Writer: DELETE of entries, chapters and books; POST .../patterns/{id}/reaction.';

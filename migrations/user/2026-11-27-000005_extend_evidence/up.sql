-- Findings rest on check-ins and on days of listening as well. The defaults are for a version that runs beside this one.
ALTER TABLE usr_user_patterns
    ADD evidence_checkin_ids uuid[] NOT NULL DEFAULT '{}',
    ADD evidence_days date[] NOT NULL DEFAULT '{}';
ALTER TABLE usr_insights ADD evidence_days date[] NOT NULL DEFAULT '{}';

COMMENT ON COLUMN usr_user_patterns.evidence_checkin_ids IS 'Check-ins that it rests on. Writer: an analysis run; DELETE of a check-in takes it out.';
COMMENT ON COLUMN usr_user_patterns.evidence_days IS 'Days of listening that it rests on, of a musical one. Writer: an analysis run; a day on which nothing was heard any more is taken out by POST /internal/user/events.';
COMMENT ON COLUMN usr_user_patterns.deactivated_reason IS 'Why it is not shown, but for being deleted; null while it is shown. Writer: an analysis run; the reaction not_me; DELETE of entries, chapters, books, reflections, check-ins and plays.';
COMMENT ON COLUMN usr_insights.evidence IS 'Ids of the entries, reflections and check-ins that it rests on. Writer: an analysis run, POST .../patterns/{id}/reaction.';
COMMENT ON COLUMN usr_insights.evidence_days IS 'Days of listening that it rests on, of a musical one. Writer: an analysis run, POST .../patterns/{id}/reaction.';
COMMENT ON COLUMN usr_insights.withdrawn_at IS 'When it was taken back, because evidence was deleted or the person said not_me; null while it holds. Writer: DELETE of entries, chapters, books, reflections, check-ins and plays; POST .../patterns/{id}/reaction.';

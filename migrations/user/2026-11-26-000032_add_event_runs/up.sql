ALTER TABLE usr_analysis_runs
    DROP CONSTRAINT usr_analysis_runs_trigger,
    ADD CONSTRAINT usr_analysis_runs_trigger CHECK (trigger IN ('schedule', 'manual', 'event'));
COMMENT ON COLUMN usr_analysis_runs.id IS 'UUIDv7. Writer: POST /api/profiles/{userId}/analysis, the jobs user.analyse-people and user.analyse-writers.';
COMMENT ON COLUMN usr_analysis_runs.user_id IS 'The person. Writer: as id.';
COMMENT ON COLUMN usr_analysis_runs.trigger IS 'What began it: the night, the person, or new entries. Writer: as id.';

UPDATE usr_analysis_runs SET trigger = 'schedule' WHERE trigger = 'event';
ALTER TABLE usr_analysis_runs
    DROP CONSTRAINT usr_analysis_runs_trigger,
    ADD CONSTRAINT usr_analysis_runs_trigger CHECK (trigger IN ('schedule', 'manual'));
COMMENT ON COLUMN usr_analysis_runs.id IS 'UUIDv7. Writer: POST /api/profiles/{userId}/analysis, the job user.analyse-people.';
COMMENT ON COLUMN usr_analysis_runs.user_id IS 'The person. Writer: POST /api/profiles/{userId}/analysis, the job user.analyse-people.';
COMMENT ON COLUMN usr_analysis_runs.trigger IS 'Who wanted it. Writer: POST /api/profiles/{userId}/analysis, the job user.analyse-people.';

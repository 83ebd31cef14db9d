-- What is seen in a person's entries, moods and plays: inputs, findings and the log of the runs that found them.
ALTER TABLE usr_profiles ADD total_insights integer NOT NULL DEFAULT 0 CONSTRAINT usr_profiles_total_insights CHECK (total_insights >= 0);
COMMENT ON COLUMN usr_profiles.total_insights IS 'Insights that hold. Writer: an analysis run, and whatever takes insights back.';

CREATE TABLE usr_mood_checkins (
    id uuid CONSTRAINT usr_mood_checkins_pkey PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT usr_mood_checkins_account_fkey REFERENCES usr_accounts (id),
    mood text NOT NULL CONSTRAINT usr_mood_checkins_mood CHECK (char_length(mood) BETWEEN 1 AND 50),
    emotional_intensity integer CONSTRAINT usr_mood_checkins_intensity CHECK (emotional_intensity BETWEEN 1 AND 10),
    content text CONSTRAINT usr_mood_checkins_content CHECK (char_length(content) <= 2000),
    trigger_tag text CONSTRAINT usr_mood_checkins_trigger CHECK (char_length(trigger_tag) <= 50),
    responded_at timestamptz NOT NULL
);

CREATE INDEX usr_mood_checkins_by_time ON usr_mood_checkins (user_id, responded_at DESC, id DESC);

COMMENT ON TABLE usr_mood_checkins IS 'How people say they are.';
COMMENT ON COLUMN usr_mood_checkins.id IS 'UUIDv7. Writer: POST /api/profiles/{userId}/checkins.';
COMMENT ON COLUMN usr_mood_checkins.user_id IS 'The person. Writer: POST /api/profiles/{userId}/checkins.';
COMMENT ON COLUMN usr_mood_checkins.mood IS 'The person''s word. Writer: POST /api/profiles/{userId}/checkins.';
COMMENT ON COLUMN usr_mood_checkins.emotional_intensity IS '1 to 10; null when it was not said. Writer: POST /api/profiles/{userId}/checkins.';
COMMENT ON COLUMN usr_mood_checkins.content IS 'A few words; null without them. Writer: POST /api/profiles/{userId}/checkins.';
COMMENT ON COLUMN usr_mood_checkins.trigger_tag IS 'What brought it about; null when it was not said. Writer: POST /api/profiles/{userId}/checkins.';
COMMENT ON COLUMN usr_mood_checkins.responded_at IS 'When it was so. Writer: POST /api/profiles/{userId}/checkins; its own time when none was said.';

CREATE TABLE usr_analysis_runs (
    id uuid CONSTRAINT usr_analysis_runs_pkey PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT usr_analysis_runs_account_fkey REFERENCES usr_accounts (id),
    trigger text NOT NULL CONSTRAINT usr_analysis_runs_trigger CHECK (trigger IN ('schedule', 'manual')),
    status text NOT NULL CONSTRAINT usr_analysis_runs_status CHECK (status IN ('running', 'completed', 'failed')),
    started_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    watermark date,
    algorithm_version integer NOT NULL,
    seed bigint,
    counts jsonb NOT NULL,
    error text,
    CONSTRAINT usr_analysis_runs_finished CHECK ((status = 'running') = (finished_at IS NULL)),
    CONSTRAINT usr_analysis_runs_failed CHECK ((status = 'failed') = (error IS NOT NULL))
);

CREATE INDEX usr_analysis_runs_of_user ON usr_analysis_runs (user_id, id DESC);
CREATE UNIQUE INDEX usr_analysis_runs_one_at_a_time ON usr_analysis_runs (user_id) WHERE status = 'running';

COMMENT ON TABLE usr_analysis_runs IS 'Runs of the analysis of one person, the last and all before.';
COMMENT ON COLUMN usr_analysis_runs.id IS 'UUIDv7. Writer: POST /api/profiles/{userId}/analysis, the job user.analyse-people.';
COMMENT ON COLUMN usr_analysis_runs.user_id IS 'The person. Writer: POST /api/profiles/{userId}/analysis, the job user.analyse-people.';
COMMENT ON COLUMN usr_analysis_runs.trigger IS 'Who wanted it. Writer: POST /api/profiles/{userId}/analysis, the job user.analyse-people.';
COMMENT ON COLUMN usr_analysis_runs.status IS 'How far it is. Writer: the run; the next one when this was abandoned.';
COMMENT ON COLUMN usr_analysis_runs.started_at IS 'When it began. Writer: the database.';
COMMENT ON COLUMN usr_analysis_runs.finished_at IS 'When it ended; null while it runs. Writer: the run.';
COMMENT ON COLUMN usr_analysis_runs.watermark IS 'The last day that it looked at, in the person''s zone; null before it has looked. Writer: the run.';
COMMENT ON COLUMN usr_analysis_runs.algorithm_version IS 'The version of detectors and thresholds. Writer: the run.';
COMMENT ON COLUMN usr_analysis_runs.seed IS 'What its random numbers began with; null before it has looked. Writer: the run.';
COMMENT ON COLUMN usr_analysis_runs.counts IS 'How much it read, found and wrote, and which detectors abstained and why. Writer: the run.';
COMMENT ON COLUMN usr_analysis_runs.error IS 'Why it failed; null when it did not. Writer: the run.';

CREATE TABLE usr_profile_theme_frequencies (
    user_id uuid NOT NULL CONSTRAINT usr_profile_theme_frequencies_account_fkey REFERENCES usr_accounts (id),
    theme text NOT NULL,
    count integer NOT NULL CONSTRAINT usr_profile_theme_frequencies_count CHECK (count > 0),
    first_seen timestamptz NOT NULL,
    last_seen timestamptz NOT NULL,
    source text NOT NULL CONSTRAINT usr_profile_theme_frequencies_source CHECK (source IN ('client', 'tag', 'lexicon', 'keyword')),
    CONSTRAINT usr_profile_theme_frequencies_pkey PRIMARY KEY (user_id, theme)
);

CREATE INDEX usr_profile_theme_frequencies_by_count ON usr_profile_theme_frequencies (user_id, count DESC, theme);

COMMENT ON TABLE usr_profile_theme_frequencies IS 'What a person''s own live entries are about.';
COMMENT ON COLUMN usr_profile_theme_frequencies.user_id IS 'The person. Writer: an analysis run.';
COMMENT ON COLUMN usr_profile_theme_frequencies.theme IS 'Theme, in lower case. Writer: an analysis run.';
COMMENT ON COLUMN usr_profile_theme_frequencies.count IS 'Live own entries that mention it. Writer: an analysis run.';
COMMENT ON COLUMN usr_profile_theme_frequencies.first_seen IS 'When the first of them was. Writer: an analysis run.';
COMMENT ON COLUMN usr_profile_theme_frequencies.last_seen IS 'When the last of them was. Writer: an analysis run.';
COMMENT ON COLUMN usr_profile_theme_frequencies.source IS 'The strongest source among them. Writer: an analysis run.';

CREATE TABLE usr_user_patterns (
    id uuid CONSTRAINT usr_user_patterns_pkey PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT usr_user_patterns_account_fkey REFERENCES usr_accounts (id),
    pattern_type text NOT NULL CONSTRAINT usr_user_patterns_type CHECK (pattern_type IN ('emotional', 'temporal', 'thematic', 'behavioral', 'musical')),
    pattern_key text NOT NULL,
    pattern_name text NOT NULL,
    description text NOT NULL,
    frequency integer NOT NULL CONSTRAINT usr_user_patterns_frequency CHECK (frequency >= 0),
    peak_frequency integer NOT NULL,
    strength double precision NOT NULL CONSTRAINT usr_user_patterns_strength CHECK (strength BETWEEN 0 AND 1),
    confidence double precision NOT NULL CONSTRAINT usr_user_patterns_confidence CHECK (confidence BETWEEN 0 AND 1),
    sample_size integer NOT NULL CONSTRAINT usr_user_patterns_sample_size CHECK (sample_size > 0),
    trend text NOT NULL CONSTRAINT usr_user_patterns_trend CHECK (trend IN ('rising', 'stable', 'falling', 'fading')),
    first_observed date NOT NULL,
    last_observed date NOT NULL,
    last_detected date NOT NULL,
    related_themes text[] NOT NULL,
    trigger_factors text[] NOT NULL,
    evidence_entry_ids uuid[] NOT NULL,
    exploration_prompt text NOT NULL,
    is_active boolean NOT NULL,
    deactivated_reason text CONSTRAINT usr_user_patterns_reason CHECK (deactivated_reason IN ('not seen', 'not_me', 'evidence deleted')),
    metadata jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT usr_user_patterns_key UNIQUE (user_id, pattern_type, pattern_key),
    CONSTRAINT usr_user_patterns_active CHECK (is_active = (deactivated_reason IS NULL))
);

CREATE INDEX usr_user_patterns_of_user ON usr_user_patterns (user_id, id DESC);

COMMENT ON TABLE usr_user_patterns IS 'What keeps coming back in what a person writes, feels and hears.';
COMMENT ON COLUMN usr_user_patterns.id IS 'UUIDv7. Writer: an analysis run.';
COMMENT ON COLUMN usr_user_patterns.user_id IS 'The person. Writer: an analysis run.';
COMMENT ON COLUMN usr_user_patterns.pattern_type IS 'Which detector found it. Writer: an analysis run.';
COMMENT ON COLUMN usr_user_patterns.pattern_key IS 'What it is, in no language: mood:anxious. Writer: an analysis run.';
COMMENT ON COLUMN usr_user_patterns.pattern_name IS 'The same for people. Writer: an analysis run.';
COMMENT ON COLUMN usr_user_patterns.description IS 'What was seen, with its numbers. Writer: an analysis run.';
COMMENT ON COLUMN usr_user_patterns.frequency IS 'How often, in the days looked at. Writer: an analysis run.';
COMMENT ON COLUMN usr_user_patterns.peak_frequency IS 'The highest frequency that any run saw. Writer: an analysis run.';
COMMENT ON COLUMN usr_user_patterns.strength IS 'How large the effect is. Writer: an analysis run.';
COMMENT ON COLUMN usr_user_patterns.confidence IS 'How certain it is; halves for every two weeks in which no run saw it. Writer: an analysis run.';
COMMENT ON COLUMN usr_user_patterns.sample_size IS 'Observations that it rests on. Writer: an analysis run.';
COMMENT ON COLUMN usr_user_patterns.trend IS 'Whether it grows; fading when the last run did not see it. Writer: an analysis run.';
COMMENT ON COLUMN usr_user_patterns.first_observed IS 'The first day of its evidence. Writer: an analysis run.';
COMMENT ON COLUMN usr_user_patterns.last_observed IS 'The last day of its evidence. Writer: an analysis run.';
COMMENT ON COLUMN usr_user_patterns.last_detected IS 'The day of the last run that saw it. Writer: an analysis run.';
COMMENT ON COLUMN usr_user_patterns.related_themes IS 'Themes of its evidence, the most frequent first. Writer: an analysis run.';
COMMENT ON COLUMN usr_user_patterns.trigger_factors IS 'What goes with it. Writer: an analysis run.';
COMMENT ON COLUMN usr_user_patterns.evidence_entry_ids IS 'Entries that it rests on. Writer: an analysis run; deleting an entry takes it out.';
COMMENT ON COLUMN usr_user_patterns.exploration_prompt IS 'A question about it. Writer: an analysis run.';
COMMENT ON COLUMN usr_user_patterns.is_active IS 'Whether it is shown. Writer: an analysis run; the reaction not_me.';
COMMENT ON COLUMN usr_user_patterns.deactivated_reason IS 'Why it is not shown; null while it is. Writer: as is_active.';
COMMENT ON COLUMN usr_user_patterns.metadata IS 'Method and numbers behind it. Writer: an analysis run.';
COMMENT ON COLUMN usr_user_patterns.created_at IS 'When it was first seen. Writer: the database.';
COMMENT ON COLUMN usr_user_patterns.updated_at IS 'When it last changed. Writer: the database, an analysis run.';

CREATE TABLE usr_pattern_reactions (
    user_id uuid NOT NULL CONSTRAINT usr_pattern_reactions_account_fkey REFERENCES usr_accounts (id),
    pattern_id uuid NOT NULL CONSTRAINT usr_pattern_reactions_pattern_fkey REFERENCES usr_user_patterns (id),
    reaction text NOT NULL CONSTRAINT usr_pattern_reactions_reaction CHECK (reaction IN ('resonates', 'partially', 'curious', 'not_me')),
    explanation text CONSTRAINT usr_pattern_reactions_explanation CHECK (char_length(explanation) <= 2000),
    sample_size integer NOT NULL,
    reacted_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT usr_pattern_reactions_pkey PRIMARY KEY (user_id, pattern_id)
);

CREATE INDEX usr_pattern_reactions_of_pattern ON usr_pattern_reactions (pattern_id);

COMMENT ON TABLE usr_pattern_reactions IS 'What people say to patterns.';
COMMENT ON COLUMN usr_pattern_reactions.user_id IS 'The person. Writer: POST .../patterns/{id}/reaction.';
COMMENT ON COLUMN usr_pattern_reactions.pattern_id IS 'The pattern. Writer: POST .../patterns/{id}/reaction.';
COMMENT ON COLUMN usr_pattern_reactions.reaction IS 'What the person says. Writer: POST .../patterns/{id}/reaction.';
COMMENT ON COLUMN usr_pattern_reactions.explanation IS 'Why, in the person''s words; null without them. Writer: POST .../patterns/{id}/reaction.';
COMMENT ON COLUMN usr_pattern_reactions.sample_size IS 'Observations that the pattern rested on then: not_me holds until there are twice as many. Writer: POST .../patterns/{id}/reaction.';
COMMENT ON COLUMN usr_pattern_reactions.reacted_at IS 'When it was last said. Writer: POST .../patterns/{id}/reaction.';

CREATE TABLE usr_insights (
    id uuid CONSTRAINT usr_insights_pkey PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT usr_insights_account_fkey REFERENCES usr_accounts (id),
    pattern_id uuid NOT NULL CONSTRAINT usr_insights_pattern_fkey REFERENCES usr_user_patterns (id),
    run_id uuid NOT NULL CONSTRAINT usr_insights_run_fkey REFERENCES usr_analysis_runs (id),
    type text NOT NULL,
    title text NOT NULL,
    content text NOT NULL,
    confidence double precision NOT NULL,
    sample_size integer NOT NULL,
    evidence jsonb NOT NULL,
    themes text[] NOT NULL,
    priority integer NOT NULL CONSTRAINT usr_insights_priority CHECK (priority BETWEEN 1 AND 5),
    method text NOT NULL,
    algorithm_version integer NOT NULL,
    generated_at timestamptz NOT NULL DEFAULT now(),
    dismissed_at timestamptz,
    withdrawn_at timestamptz
);

CREATE UNIQUE INDEX usr_insights_one_a_pattern ON usr_insights (user_id, pattern_id) WHERE withdrawn_at IS NULL;
CREATE INDEX usr_insights_of_user ON usr_insights (user_id, id DESC);
CREATE INDEX usr_insights_of_pattern ON usr_insights (pattern_id);
CREATE INDEX usr_insights_of_run ON usr_insights (run_id);

COMMENT ON TABLE usr_insights IS 'What is told to a person of a pattern that is strong and certain enough.';
COMMENT ON COLUMN usr_insights.id IS 'UUIDv7. Writer: an analysis run.';
COMMENT ON COLUMN usr_insights.user_id IS 'The person. Writer: an analysis run.';
COMMENT ON COLUMN usr_insights.pattern_id IS 'The pattern. Writer: an analysis run.';
COMMENT ON COLUMN usr_insights.run_id IS 'The run that told it. Writer: an analysis run.';
COMMENT ON COLUMN usr_insights.type IS 'The pattern''s type. Writer: an analysis run.';
COMMENT ON COLUMN usr_insights.title IS 'In a few words. Writer: an analysis run.';
COMMENT ON COLUMN usr_insights.content IS 'What was seen, with its numbers. Writer: an analysis run.';
COMMENT ON COLUMN usr_insights.confidence IS 'How certain it was. Writer: an analysis run.';
COMMENT ON COLUMN usr_insights.sample_size IS 'Observations that it rests on. Writer: an analysis run.';
COMMENT ON COLUMN usr_insights.evidence IS 'Ids of the entries that it rests on. Writer: an analysis run.';
COMMENT ON COLUMN usr_insights.themes IS 'Themes of its evidence. Writer: an analysis run.';
COMMENT ON COLUMN usr_insights.priority IS '1 is the most certain. Writer: an analysis run.';
COMMENT ON COLUMN usr_insights.method IS 'How it is known. Writer: an analysis run.';
COMMENT ON COLUMN usr_insights.algorithm_version IS 'The version of detectors and thresholds. Writer: an analysis run.';
COMMENT ON COLUMN usr_insights.generated_at IS 'When it was told. Writer: the database.';
COMMENT ON COLUMN usr_insights.dismissed_at IS 'When the person put it away; null before. Writer: POST .../insights/{id}/dismiss.';
COMMENT ON COLUMN usr_insights.withdrawn_at IS 'When it was taken back, because evidence was deleted or the person said not_me; null while it holds. Writer: DELETE of entries, chapters and books; POST .../patterns/{id}/reaction.';

CREATE TABLE usr_profile_metrics (
    user_id uuid NOT NULL CONSTRAINT usr_profile_metrics_account_fkey REFERENCES usr_accounts (id),
    period text NOT NULL CONSTRAINT usr_profile_metrics_period CHECK (period ~ '^[0-9]{4}-(W[0-9]{2}|[0-9]{2})$'),
    period_kind text NOT NULL CONSTRAINT usr_profile_metrics_kind CHECK (period_kind IN ('week', 'month')),
    period_start date NOT NULL,
    insight_count integer NOT NULL CONSTRAINT usr_profile_metrics_insight_count CHECK (insight_count >= 0),
    unique_themes integer NOT NULL CONSTRAINT usr_profile_metrics_unique_themes CHECK (unique_themes >= 0),
    entry_count integer NOT NULL CONSTRAINT usr_profile_metrics_entry_count CHECK (entry_count >= 0),
    plays integer NOT NULL CONSTRAINT usr_profile_metrics_plays CHECK (plays >= 0),
    new_insights integer NOT NULL CONSTRAINT usr_profile_metrics_new_insights CHECK (new_insights >= 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT usr_profile_metrics_pkey PRIMARY KEY (user_id, period)
);

CREATE INDEX usr_profile_metrics_by_start ON usr_profile_metrics (user_id, period_kind, period_start DESC);

COMMENT ON TABLE usr_profile_metrics IS 'Weeks and months of a person in a few numbers.';
COMMENT ON COLUMN usr_profile_metrics.user_id IS 'The person. Writer: an analysis run.';
COMMENT ON COLUMN usr_profile_metrics.period IS '2025-W03 (ISO year and week) or 2025-01, in the person''s zone. Writer: an analysis run.';
COMMENT ON COLUMN usr_profile_metrics.period_kind IS 'Which of the two. Writer: an analysis run.';
COMMENT ON COLUMN usr_profile_metrics.period_start IS 'Its first day. Writer: an analysis run.';
COMMENT ON COLUMN usr_profile_metrics.insight_count IS 'Patterns that the last run of the period detected. Writer: an analysis run.';
COMMENT ON COLUMN usr_profile_metrics.unique_themes IS 'Rows of usr_profile_theme_frequencies at the last run of the period. Writer: an analysis run.';
COMMENT ON COLUMN usr_profile_metrics.entry_count IS 'Live entries of the period. Writer: an analysis run.';
COMMENT ON COLUMN usr_profile_metrics.plays IS 'Plays of the period. Writer: an analysis run.';
COMMENT ON COLUMN usr_profile_metrics.new_insights IS 'Insights told in the period and not taken back. Writer: an analysis run.';
COMMENT ON COLUMN usr_profile_metrics.created_at IS 'When the first run of the period was. Writer: the database.';
COMMENT ON COLUMN usr_profile_metrics.updated_at IS 'When the numbers last changed. Writer: the database, an analysis run.';

CREATE TABLE usr_profile_analytics (
    user_id uuid NOT NULL CONSTRAINT usr_profile_analytics_account_fkey REFERENCES usr_accounts (id),
    analysis_type text NOT NULL CONSTRAINT usr_profile_analytics_type CHECK (analysis_type IN ('writing', 'mood', 'listening', 'themes')),
    timeframe text NOT NULL CONSTRAINT usr_profile_analytics_timeframe CHECK (timeframe IN ('week', 'month')),
    valid_from date NOT NULL,
    valid_to date NOT NULL,
    data jsonb NOT NULL,
    progress_indicators jsonb NOT NULL,
    computed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT usr_profile_analytics_pkey PRIMARY KEY (user_id, analysis_type, timeframe, valid_from)
);


COMMENT ON TABLE usr_profile_analytics IS 'Weeks and months of a person, looked at from four sides.';
COMMENT ON COLUMN usr_profile_analytics.user_id IS 'The person. Writer: an analysis run.';
COMMENT ON COLUMN usr_profile_analytics.analysis_type IS 'The side. Writer: an analysis run.';
COMMENT ON COLUMN usr_profile_analytics.timeframe IS 'How long. Writer: an analysis run.';
COMMENT ON COLUMN usr_profile_analytics.valid_from IS 'The first day, in the person''s zone. Writer: an analysis run.';
COMMENT ON COLUMN usr_profile_analytics.valid_to IS 'The last day. Writer: an analysis run.';
COMMENT ON COLUMN usr_profile_analytics.data IS 'The numbers. Writer: an analysis run.';
COMMENT ON COLUMN usr_profile_analytics.progress_indicators IS 'Their difference from those of the period before. Writer: an analysis run.';
COMMENT ON COLUMN usr_profile_analytics.computed_at IS 'When they last changed. Writer: the database, an analysis run.';

CREATE TABLE usr_heard_plays (
    user_id uuid NOT NULL,
    play_id uuid NOT NULL,
    track_id uuid NOT NULL,
    played_at timestamptz NOT NULL,
    day date NOT NULL,
    is_night boolean NOT NULL,
    seconds double precision NOT NULL,
    completion_rate double precision,
    genres text[] NOT NULL,
    mood text,
    CONSTRAINT usr_heard_plays_pkey PRIMARY KEY (user_id, play_id)
);

CREATE INDEX usr_heard_plays_by_day ON usr_heard_plays (user_id, day);

COMMENT ON TABLE usr_heard_plays IS 'Plays of music-service, as far as listening days need them.';
COMMENT ON COLUMN usr_heard_plays.user_id IS 'Who listened. Writer: POST /internal/user/events.';
COMMENT ON COLUMN usr_heard_plays.play_id IS 'The play. Writer: POST /internal/user/events.';
COMMENT ON COLUMN usr_heard_plays.track_id IS 'What was heard. Writer: POST /internal/user/events.';
COMMENT ON COLUMN usr_heard_plays.played_at IS 'When. Writer: POST /internal/user/events.';
COMMENT ON COLUMN usr_heard_plays.day IS 'The day of it where the person is. Writer: POST /internal/user/events.';
COMMENT ON COLUMN usr_heard_plays.is_night IS 'Whether it began from 22 to 6 there. Writer: POST /internal/user/events.';
COMMENT ON COLUMN usr_heard_plays.seconds IS 'Seconds heard; 0 when they are not known. Writer: POST /internal/user/events.';
COMMENT ON COLUMN usr_heard_plays.completion_rate IS 'Share of the track; null when it is not known. Writer: POST /internal/user/events.';
COMMENT ON COLUMN usr_heard_plays.genres IS 'Genres of the track. Writer: POST /internal/user/events.';
COMMENT ON COLUMN usr_heard_plays.mood IS 'Mood of the track; null without one. Writer: POST /internal/user/events.';

CREATE TABLE usr_listening_days (
    user_id uuid NOT NULL,
    day date NOT NULL,
    plays integer NOT NULL CONSTRAINT usr_listening_days_plays CHECK (plays > 0),
    seconds_heard double precision NOT NULL,
    distinct_tracks integer NOT NULL,
    night_share double precision NOT NULL CONSTRAINT usr_listening_days_night_share CHECK (night_share BETWEEN 0 AND 1),
    top_genres text[] NOT NULL,
    top_moods text[] NOT NULL,
    mean_completion double precision,
    CONSTRAINT usr_listening_days_pkey PRIMARY KEY (user_id, day)
);


COMMENT ON TABLE usr_listening_days IS 'What people heard, by days of their own zone.';
COMMENT ON COLUMN usr_listening_days.user_id IS 'Who listened. Writer: POST /internal/user/events.';
COMMENT ON COLUMN usr_listening_days.day IS 'The day. Writer: POST /internal/user/events.';
COMMENT ON COLUMN usr_listening_days.plays IS 'Plays. Writer: POST /internal/user/events.';
COMMENT ON COLUMN usr_listening_days.seconds_heard IS 'Seconds heard. Writer: POST /internal/user/events.';
COMMENT ON COLUMN usr_listening_days.distinct_tracks IS 'Tracks. Writer: POST /internal/user/events.';
COMMENT ON COLUMN usr_listening_days.night_share IS 'Share of plays that began at night. Writer: POST /internal/user/events.';
COMMENT ON COLUMN usr_listening_days.top_genres IS 'The three most frequent genres. Writer: POST /internal/user/events.';
COMMENT ON COLUMN usr_listening_days.top_moods IS 'The three most frequent moods of tracks. Writer: POST /internal/user/events.';
COMMENT ON COLUMN usr_listening_days.mean_completion IS 'Mean share of the tracks that was heard; null when none is known. Writer: POST /internal/user/events.';

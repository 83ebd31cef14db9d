-- Personas: how a person's last months look, along axes whose cut points are told.
CREATE TABLE usr_user_personas (
    id uuid CONSTRAINT usr_user_personas_pkey PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT usr_user_personas_account_fkey REFERENCES usr_accounts (id),
    version integer NOT NULL CONSTRAINT usr_user_personas_version CHECK (version > 0),
    persona_name text NOT NULL,
    persona_description text NOT NULL,
    personality jsonb NOT NULL,
    behavior jsonb NOT NULL,
    cognitive jsonb NOT NULL,
    social jsonb NOT NULL,
    growth jsonb NOT NULL,
    confidence double precision NOT NULL CONSTRAINT usr_user_personas_confidence CHECK (confidence BETWEEN 0 AND 1),
    data_points integer NOT NULL CONSTRAINT usr_user_personas_data_points CHECK (data_points > 0),
    source_timeframe_start date NOT NULL,
    source_timeframe_end date NOT NULL,
    is_active boolean NOT NULL,
    evidence jsonb NOT NULL,
    algorithm_version integer NOT NULL,
    generated_at timestamptz NOT NULL,
    CONSTRAINT usr_user_personas_version_key UNIQUE (user_id, version),
    CONSTRAINT usr_user_personas_timeframe CHECK (source_timeframe_start <= source_timeframe_end)
);

CREATE UNIQUE INDEX usr_user_personas_one_active ON usr_user_personas (user_id) WHERE is_active;

COMMENT ON TABLE usr_user_personas IS 'How a person''s last months look along some axes, the present and earlier versions.';
COMMENT ON COLUMN usr_user_personas.id IS 'UUIDv7. Writer: an analysis run, once a week.';
COMMENT ON COLUMN usr_user_personas.user_id IS 'The person. Writer: an analysis run, once a week.';
COMMENT ON COLUMN usr_user_personas.version IS '1, 2, 3 for each person. Writer: an analysis run, once a week.';
COMMENT ON COLUMN usr_user_personas.persona_name IS 'In a few words. Writer: an analysis run, once a week.';
COMMENT ON COLUMN usr_user_personas.persona_description IS 'The same with its numbers. Writer: an analysis run, once a week.';
COMMENT ON COLUMN usr_user_personas.personality IS 'Axes of tone and feeling: value, cut points, level, observations, or how many are needed. Writer: an analysis run, once a week.';
COMMENT ON COLUMN usr_user_personas.behavior IS 'Axes of writing and listening, as personality. Writer: an analysis run, once a week.';
COMMENT ON COLUMN usr_user_personas.cognitive IS 'Axes of depth and breadth, as personality. Writer: an analysis run, once a week.';
COMMENT ON COLUMN usr_user_personas.social IS 'Axes of other people in what is written, as personality. Writer: an analysis run, once a week.';
COMMENT ON COLUMN usr_user_personas.growth IS 'Axes of change within the time, as personality. Writer: an analysis run, once a week.';
COMMENT ON COLUMN usr_user_personas.confidence IS 'How certain it is; goes to 0 as the data does. Writer: an analysis run, once a week.';
COMMENT ON COLUMN usr_user_personas.data_points IS 'Entries, answers, check-ins and days with listening that it rests on. Writer: an analysis run, once a week.';
COMMENT ON COLUMN usr_user_personas.source_timeframe_start IS 'The first day that it looks at. Writer: an analysis run, once a week.';
COMMENT ON COLUMN usr_user_personas.source_timeframe_end IS 'The last day that it looks at, in the person''s zone. Writer: an analysis run, once a week.';
COMMENT ON COLUMN usr_user_personas.is_active IS 'Whether it is the present one; a person has one at most. Writer: an analysis run; deleting all of its evidence.';
COMMENT ON COLUMN usr_user_personas.evidence IS 'Ids of the latest entries and reflections that it rests on. Writer: an analysis run; deleting an entry or a reflection takes it out.';
COMMENT ON COLUMN usr_user_personas.algorithm_version IS 'The version of axes and cut points. Writer: an analysis run, once a week.';
COMMENT ON COLUMN usr_user_personas.generated_at IS 'When it was made. Writer: an analysis run, once a week.';

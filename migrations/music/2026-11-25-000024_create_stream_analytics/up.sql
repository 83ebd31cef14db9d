ALTER TABLE mus_stream_sessions
    ADD COLUMN quality_adaptations integer NOT NULL DEFAULT 0
        CONSTRAINT mus_stream_sessions_quality_adaptations CHECK (quality_adaptations >= 0);

COMMENT ON COLUMN mus_stream_sessions.quality_adaptations IS 'How often the player changed the quality. Writer: PATCH /api/streaming/sessions/{id}.';

CREATE TABLE mus_stream_analytics (
    date date NOT NULL,
    track_id uuid NOT NULL,
    device_type text NOT NULL CONSTRAINT mus_stream_analytics_device_type CHECK (device_type IN
        ('mobile', 'tablet', 'desktop', 'web', 'tv', 'speaker', 'car', 'watch', 'other', 'unknown')),
    country text NOT NULL CONSTRAINT mus_stream_analytics_country CHECK (country ~ '^([A-Z]{2}|unknown)$'),
    total_plays bigint NOT NULL,
    total_duration double precision NOT NULL,
    unique_listeners bigint NOT NULL,
    average_completion double precision,
    skip_rate double precision,
    average_bitrate double precision,
    buffer_events bigint NOT NULL,
    quality_adaptations bigint NOT NULL,
    CONSTRAINT mus_stream_analytics_pkey PRIMARY KEY (date, track_id, device_type, country)
);

CREATE INDEX mus_stream_analytics_of_track ON mus_stream_analytics (track_id, date, device_type, country);

COMMENT ON TABLE mus_stream_analytics IS 'Daily roll-up of plays and stream sessions. No foreign key: it outlives tracks and the play log.';
COMMENT ON COLUMN mus_stream_analytics.date IS 'Day of the play in UTC. Writer: the job music.roll-up-streams.';
COMMENT ON COLUMN mus_stream_analytics.track_id IS 'What was heard. Writer: the job music.roll-up-streams.';
COMMENT ON COLUMN mus_stream_analytics.device_type IS 'What it was heard on, from the play; unknown for a session without one. Writer: the job music.roll-up-streams.';
COMMENT ON COLUMN mus_stream_analytics.country IS 'ISO 3166-1 code from networkInfo.country of the session, else unknown. Writer: the job music.roll-up-streams.';
COMMENT ON COLUMN mus_stream_analytics.total_plays IS 'Plays. Writer: the job music.roll-up-streams.';
COMMENT ON COLUMN mus_stream_analytics.total_duration IS 'Seconds heard of these plays. Writer: the job music.roll-up-streams.';
COMMENT ON COLUMN mus_stream_analytics.unique_listeners IS 'Different people with a play. Writer: the job music.roll-up-streams.';
COMMENT ON COLUMN mus_stream_analytics.average_completion IS 'Mean share of the track that was heard; null when no play tells. Writer: the job music.roll-up-streams.';
COMMENT ON COLUMN mus_stream_analytics.skip_rate IS 'Share of plays that were skipped; null without plays. Writer: the job music.roll-up-streams.';
COMMENT ON COLUMN mus_stream_analytics.average_bitrate IS 'Mean bits per second of the sessions; null when none tells. Writer: the job music.roll-up-streams.';
COMMENT ON COLUMN mus_stream_analytics.buffer_events IS 'Times that players ran dry. Writer: the job music.roll-up-streams.';
COMMENT ON COLUMN mus_stream_analytics.quality_adaptations IS 'Times that players changed the quality. Writer: the job music.roll-up-streams.';

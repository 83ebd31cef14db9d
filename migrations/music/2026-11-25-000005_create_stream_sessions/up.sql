CREATE TABLE mus_stream_sessions (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    track_id uuid NOT NULL,
    device_id text CONSTRAINT mus_stream_sessions_device_id CHECK (char_length(device_id) BETWEEN 1 AND 255),
    session_type text NOT NULL CONSTRAINT mus_stream_sessions_type
        CHECK (session_type IN ('on_demand', 'radio', 'playlist', 'offline')),
    quality text NOT NULL CONSTRAINT mus_stream_sessions_quality CHECK (quality IN ('lossless', 'high', 'medium', 'low')),
    bitrate integer,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    duration double precision NOT NULL CONSTRAINT mus_stream_sessions_duration CHECK (duration >= 0),
    bytes_streamed bigint NOT NULL CONSTRAINT mus_stream_sessions_bytes CHECK (bytes_streamed >= 0),
    heard_intervals jsonb NOT NULL CONSTRAINT mus_stream_sessions_heard CHECK (jsonb_typeof(heard_intervals) = 'array'),
    skip_count integer NOT NULL CONSTRAINT mus_stream_sessions_skips CHECK (skip_count >= 0),
    pause_count integer NOT NULL CONSTRAINT mus_stream_sessions_pauses CHECK (pause_count >= 0),
    seek_count integer NOT NULL CONSTRAINT mus_stream_sessions_seeks CHECK (seek_count >= 0),
    buffer_events integer NOT NULL CONSTRAINT mus_stream_sessions_buffer CHECK (buffer_events >= 0),
    status text NOT NULL CONSTRAINT mus_stream_sessions_status CHECK (status IN ('active', 'paused', 'completed', 'aborted')),
    client_info text,
    network_info jsonb NOT NULL CONSTRAINT mus_stream_sessions_network CHECK (jsonb_typeof(network_info) = 'object'),
    errors text[] NOT NULL,
    play_id uuid,
    metadata jsonb NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT mus_stream_sessions_pkey PRIMARY KEY (user_id, id),
    CONSTRAINT mus_stream_sessions_ended CHECK ((status IN ('completed', 'aborted')) = (ended_at IS NOT NULL)),
    CONSTRAINT mus_stream_sessions_played CHECK ((status = 'completed') = (play_id IS NOT NULL))
);

CREATE INDEX mus_stream_sessions_going_on ON mus_stream_sessions (updated_at) WHERE ended_at IS NULL;

COMMENT ON TABLE mus_stream_sessions IS 'Stream sessions: what a player tells of one listening while it goes on.';
COMMENT ON COLUMN mus_stream_sessions.id IS 'UUIDv7; the play that ends it has the same play_id. Writer: POST /api/streaming/play and record-play.';
COMMENT ON COLUMN mus_stream_sessions.user_id IS 'Who listens. Writer: POST /api/streaming/play and record-play.';
COMMENT ON COLUMN mus_stream_sessions.track_id IS 'What is heard. Writer: POST /api/streaming/play and record-play.';
COMMENT ON COLUMN mus_stream_sessions.device_id IS 'The client''s id of the device; null when it does not say. Writer: POST /api/streaming/play.';
COMMENT ON COLUMN mus_stream_sessions.session_type IS 'How the track came to be heard. Writer: POST /api/streaming/play and record-play.';
COMMENT ON COLUMN mus_stream_sessions.quality IS 'Sound quality of what is sent. Writer: POST /api/streaming/play and record-play.';
COMMENT ON COLUMN mus_stream_sessions.bitrate IS 'Bits per second of what is sent; null when the format does not tell. Writer: POST /api/streaming/play and record-play.';
COMMENT ON COLUMN mus_stream_sessions.started_at IS 'When it began. Writer: POST /api/streaming/play and record-play.';
COMMENT ON COLUMN mus_stream_sessions.ended_at IS 'When it ended; null while it goes on. Writer: POST .../end and record-play, the job that aborts the abandoned.';
COMMENT ON COLUMN mus_stream_sessions.duration IS 'Seconds heard. Writer: PATCH /api/streaming/sessions/{id}, POST record-play.';
COMMENT ON COLUMN mus_stream_sessions.bytes_streamed IS 'Bytes that the player says it got. Writer: PATCH /api/streaming/sessions/{id}.';
COMMENT ON COLUMN mus_stream_sessions.heard_intervals IS 'Intervals of the track that were heard, [startMs, endMs] each, disjoint and in order. Writer: PATCH /api/streaming/sessions/{id}, POST record-play.';
COMMENT ON COLUMN mus_stream_sessions.skip_count IS 'How often the listener skipped. Writer: PATCH /api/streaming/sessions/{id}, POST record-play.';
COMMENT ON COLUMN mus_stream_sessions.pause_count IS 'How often the listener paused. Writer: PATCH /api/streaming/sessions/{id}, POST record-play.';
COMMENT ON COLUMN mus_stream_sessions.seek_count IS 'How often the listener jumped. Writer: PATCH /api/streaming/sessions/{id}, POST record-play.';
COMMENT ON COLUMN mus_stream_sessions.buffer_events IS 'How often the player ran dry. Writer: PATCH /api/streaming/sessions/{id}.';
COMMENT ON COLUMN mus_stream_sessions.status IS 'Where it is in its life. Writer: POST /api/streaming/play and record-play, PATCH, POST .../end, the job that aborts the abandoned.';
COMMENT ON COLUMN mus_stream_sessions.client_info IS 'Family of the client program from the User-Agent; null when it is not known. Writer: POST /api/streaming/play and record-play.';
COMMENT ON COLUMN mus_stream_sessions.network_info IS 'What the player knows of its network, a JSON object. Writer: PATCH /api/streaming/sessions/{id}, POST record-play.';
COMMENT ON COLUMN mus_stream_sessions.errors IS 'What went wrong, as the player tells it. Writer: PATCH /api/streaming/sessions/{id}.';
COMMENT ON COLUMN mus_stream_sessions.play_id IS 'The play that came of it; null without one. Writer: POST .../end and record-play.';
COMMENT ON COLUMN mus_stream_sessions.metadata IS 'What the client keeps with it, a JSON object. Writer: POST /api/streaming/play.';
COMMENT ON COLUMN mus_stream_sessions.updated_at IS 'When the player last told of it. Writer: every change.';

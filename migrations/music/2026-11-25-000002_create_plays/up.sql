-- The log of plays. Every read is one person's, so the person leads both keys: a page touches a few neighbouring leaves
-- however long the log is, and Citus can distribute the table by `user_id`. No foreign keys: a play stays what it was
-- when its track is gone, and a check of three keys for each play would cost more than the play.
CREATE TABLE mus_recently_played (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    play_id uuid NOT NULL,
    track_id uuid NOT NULL,
    album_id uuid,
    creator_id uuid NOT NULL,
    played_at timestamptz NOT NULL,
    utc_offset_minutes smallint CONSTRAINT mus_recently_played_utc_offset CHECK (utc_offset_minutes BETWEEN -840 AND 840),
    duration double precision CONSTRAINT mus_recently_played_duration CHECK (duration >= 0),
    completion_rate double precision CONSTRAINT mus_recently_played_completion CHECK (completion_rate BETWEEN 0 AND 1),
    completion_source text CONSTRAINT mus_recently_played_completion_source
        CHECK (completion_source IN ('heard', 'client', 'derived')),
    context jsonb NOT NULL CONSTRAINT mus_recently_played_context CHECK (jsonb_typeof(context) = 'object'),
    device_type text NOT NULL CONSTRAINT mus_recently_played_device_type CHECK (device_type IN
        ('mobile', 'tablet', 'desktop', 'web', 'tv', 'speaker', 'car', 'watch', 'other', 'unknown')),
    device_source text NOT NULL CONSTRAINT mus_recently_played_device_source
        CHECK (device_source IN ('request', 'user-agent', 'unknown')),
    session_id text CONSTRAINT mus_recently_played_session_id CHECK (char_length(session_id) BETWEEN 1 AND 255),
    skipped boolean NOT NULL,
    client text,
    request_digest bytea NOT NULL,
    CONSTRAINT mus_recently_played_pkey PRIMARY KEY (user_id, play_id),
    CONSTRAINT mus_recently_played_completion_known CHECK ((completion_rate IS NULL) = (completion_source IS NULL))
);

CREATE INDEX mus_recently_played_by_time ON mus_recently_played (user_id, played_at DESC, id DESC);

COMMENT ON TABLE mus_recently_played IS 'Plays: one listening of one track each.';
COMMENT ON COLUMN mus_recently_played.id IS 'UUIDv7, made by the server; orders plays of one instant. Writer: the play recorder.';
COMMENT ON COLUMN mus_recently_played.user_id IS 'Who listened. Writer: the play recorder.';
COMMENT ON COLUMN mus_recently_played.play_id IS 'The client''s id of this listening, or one made for it. Writer: the play recorder.';
COMMENT ON COLUMN mus_recently_played.track_id IS 'What was heard. Writer: the play recorder.';
COMMENT ON COLUMN mus_recently_played.album_id IS 'The track''s album at the time; null without one. Writer: the play recorder.';
COMMENT ON COLUMN mus_recently_played.creator_id IS 'Whose music it is: the album''s owner, else the track''s. Writer: the play recorder.';
COMMENT ON COLUMN mus_recently_played.played_at IS 'When the listening began. Writer: the play recorder.';
COMMENT ON COLUMN mus_recently_played.utc_offset_minutes IS 'Minutes east of UTC where it was heard; null when the client does not say. Writer: the play recorder.';
COMMENT ON COLUMN mus_recently_played.duration IS 'Seconds heard; null when nothing tells. Writer: the play recorder.';
COMMENT ON COLUMN mus_recently_played.completion_rate IS 'Share of the track that was heard, 0 to 1; null when nothing tells. Writer: the play recorder.';
COMMENT ON COLUMN mus_recently_played.completion_source IS 'How the share is known; null with it. Writer: the play recorder.';
COMMENT ON COLUMN mus_recently_played.context IS 'Where it was played from and what the client added, a JSON object of at most 4 KiB. Writer: the play recorder.';
COMMENT ON COLUMN mus_recently_played.device_type IS 'What it was heard on. Writer: the play recorder.';
COMMENT ON COLUMN mus_recently_played.device_source IS 'How the device type is known. Writer: the play recorder.';
COMMENT ON COLUMN mus_recently_played.session_id IS 'The client''s id of the sitting; null when it does not say. Writer: the play recorder.';
COMMENT ON COLUMN mus_recently_played.skipped IS 'Broken off early: under 30 seconds and under half of the track. Writer: the play recorder.';
COMMENT ON COLUMN mus_recently_played.client IS 'Family of the client program from the User-Agent; null when it is not known. Writer: the play recorder.';
COMMENT ON COLUMN mus_recently_played.request_digest IS 'First 16 bytes of the SHA-256 of the request, by which the same play sent again is told from another one. Writer: the play recorder.';

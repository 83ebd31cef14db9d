CREATE TABLE mus_lyrics (
    id uuid CONSTRAINT mus_lyrics_pkey PRIMARY KEY,
    user_id uuid NOT NULL,
    entry_id uuid,
    title text NOT NULL CONSTRAINT mus_lyrics_title_length CHECK (char_length(title) BETWEEN 1 AND 255),
    content text NOT NULL CONSTRAINT mus_lyrics_content_length CHECK (octet_length(content) BETWEEN 1 AND 262144),
    synced_lines jsonb NOT NULL CONSTRAINT mus_lyrics_synced_lines CHECK (jsonb_typeof(synced_lines) = 'array'),
    language text,
    themes text[] NOT NULL,
    style text,
    mood text,
    visibility text NOT NULL CONSTRAINT mus_lyrics_visibility CHECK (visibility IN ('personal', 'shared', 'public')),
    metadata jsonb NOT NULL CONSTRAINT mus_lyrics_metadata CHECK (jsonb_typeof(metadata) = 'object'),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz
);

CREATE INDEX mus_lyrics_of_user ON mus_lyrics (user_id, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX mus_lyrics_of_entry ON mus_lyrics (user_id, entry_id, id DESC) WHERE deleted_at IS NULL AND entry_id IS NOT NULL;

COMMENT ON TABLE mus_lyrics IS 'Lyrics: words of a song, with their times where somebody set them.';
COMMENT ON COLUMN mus_lyrics.id IS 'UUIDv7. Writer: POST /api/lyrics.';
COMMENT ON COLUMN mus_lyrics.user_id IS 'The owner, an account of user-service. Writer: POST /api/lyrics.';
COMMENT ON COLUMN mus_lyrics.entry_id IS 'The journal entry of user-service that they were made of, as the client says; null without one. Writer: POST and PATCH /api/lyrics.';
COMMENT ON COLUMN mus_lyrics.title IS 'Title. Writer: POST and PATCH /api/lyrics.';
COMMENT ON COLUMN mus_lyrics.content IS 'The words without times. Writer: POST and PATCH /api/lyrics.';
COMMENT ON COLUMN mus_lyrics.synced_lines IS 'The words with times, [{startMs, text}] in their order; empty when nobody set times. Writer: lrc of POST and PATCH /api/lyrics.';
COMMENT ON COLUMN mus_lyrics.language IS 'BCP 47 tag; null when none was given. Writer: POST and PATCH /api/lyrics.';
COMMENT ON COLUMN mus_lyrics.themes IS 'What they are about. Writer: POST and PATCH /api/lyrics.';
COMMENT ON COLUMN mus_lyrics.style IS 'Manner of writing; null when none was given. Writer: POST and PATCH /api/lyrics.';
COMMENT ON COLUMN mus_lyrics.mood IS 'Mood; null when none was given. Writer: POST and PATCH /api/lyrics.';
COMMENT ON COLUMN mus_lyrics.visibility IS 'Who may see them. Writer: POST and PATCH /api/lyrics.';
COMMENT ON COLUMN mus_lyrics.metadata IS 'What the client keeps with them, a JSON object. Writer: POST and PATCH /api/lyrics.';
COMMENT ON COLUMN mus_lyrics.created_at IS 'When they were made. Writer: POST /api/lyrics.';
COMMENT ON COLUMN mus_lyrics.updated_at IS 'When their owner last changed them. Writer: POST, PATCH and DELETE /api/lyrics.';
COMMENT ON COLUMN mus_lyrics.deleted_at IS 'When they were deleted; null while they live. Writer: DELETE /api/lyrics/{id}.';

ALTER TABLE mus_tracks
    ADD COLUMN lyrics_id uuid CONSTRAINT mus_tracks_lyrics_fkey REFERENCES mus_lyrics (id),
    ADD COLUMN has_synced_lyrics boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT mus_tracks_has_synced_lyrics CHECK (lyrics_id IS NOT NULL OR NOT has_synced_lyrics);

CREATE INDEX mus_tracks_of_lyrics ON mus_tracks (lyrics_id) WHERE lyrics_id IS NOT NULL;

COMMENT ON COLUMN mus_tracks.lyrics_id IS 'Its lyrics; null without any. Writer: PATCH /api/library/tracks/{id}, DELETE /api/lyrics/{id}.';
COMMENT ON COLUMN mus_tracks.has_synced_lyrics IS 'Whether its lyrics have times. Writer: PATCH /api/library/tracks/{id}, PATCH and DELETE /api/lyrics/{id}.';

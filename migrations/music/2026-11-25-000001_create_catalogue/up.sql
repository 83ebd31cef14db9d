CREATE TABLE mus_albums (
    id uuid CONSTRAINT mus_albums_pkey PRIMARY KEY,
    user_id uuid NOT NULL,
    title text NOT NULL CONSTRAINT mus_albums_title_length CHECK (char_length(title) BETWEEN 1 AND 255),
    description text,
    genres text[] NOT NULL,
    artwork_file_id uuid,
    release_date date,
    type text NOT NULL CONSTRAINT mus_albums_type CHECK (type IN ('album', 'single', 'ep', 'compilation')),
    total_tracks integer NOT NULL CONSTRAINT mus_albums_total_tracks CHECK (total_tracks >= 0),
    total_duration double precision NOT NULL CONSTRAINT mus_albums_total_duration CHECK (total_duration >= 0),
    is_explicit boolean NOT NULL,
    visibility text NOT NULL CONSTRAINT mus_albums_visibility CHECK (visibility IN ('personal', 'shared', 'public')),
    status text NOT NULL CONSTRAINT mus_albums_status CHECK (status IN ('draft', 'active', 'published', 'archived', 'deleted')),
    mood text,
    language text,
    play_count bigint NOT NULL CONSTRAINT mus_albums_play_count CHECK (play_count >= 0),
    metadata jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    CONSTRAINT mus_albums_deleted CHECK ((status = 'deleted') = (deleted_at IS NOT NULL))
);

CREATE INDEX mus_albums_of_user ON mus_albums (user_id, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX mus_albums_by_title ON mus_albums (user_id, title, id DESC) WHERE deleted_at IS NULL;

COMMENT ON TABLE mus_albums IS 'Albums: tracks that belong together, with one cover.';
COMMENT ON COLUMN mus_albums.id IS 'UUIDv7. Writer: POST /api/library/albums.';
COMMENT ON COLUMN mus_albums.user_id IS 'The creator, an account of user-service. Writer: POST /api/library/albums.';
COMMENT ON COLUMN mus_albums.title IS 'Title. Writer: POST and PATCH /api/library/albums.';
COMMENT ON COLUMN mus_albums.description IS 'A few words about it; null when none were given. Writer: POST and PATCH /api/library/albums.';
COMMENT ON COLUMN mus_albums.genres IS 'Genres as the creator named them. Writer: POST and PATCH /api/library/albums.';
COMMENT ON COLUMN mus_albums.artwork_file_id IS 'Storage file of the cover; null without one. Writer: POST and PATCH /api/library/albums.';
COMMENT ON COLUMN mus_albums.release_date IS 'Day it came out; null when unknown. Writer: POST and PATCH /api/library/albums.';
COMMENT ON COLUMN mus_albums.type IS 'Kind of release. Writer: POST and PATCH /api/library/albums.';
COMMENT ON COLUMN mus_albums.total_tracks IS 'Counter: tracks on it that are not deleted. Writer: every change of a track, in its transaction.';
COMMENT ON COLUMN mus_albums.total_duration IS 'Counter: seconds of those tracks together. Writer: every change of a track, in its transaction.';
COMMENT ON COLUMN mus_albums.is_explicit IS 'Whether it has explicit words. Writer: POST and PATCH /api/library/albums.';
COMMENT ON COLUMN mus_albums.visibility IS 'Who may see it. Writer: POST and PATCH /api/library/albums.';
COMMENT ON COLUMN mus_albums.status IS 'Where it is in its life. Writer: POST and DELETE /api/library/albums.';
COMMENT ON COLUMN mus_albums.mood IS 'Mood; null when none was given. Writer: POST and PATCH /api/library/albums.';
COMMENT ON COLUMN mus_albums.language IS 'BCP 47 tag; null when none was given. Writer: POST and PATCH /api/library/albums.';
COMMENT ON COLUMN mus_albums.play_count IS 'Counter: plays of its tracks. Writer: the play recorder.';
COMMENT ON COLUMN mus_albums.metadata IS 'What the client keeps with it, a JSON object. Writer: POST and PATCH /api/library/albums.';
COMMENT ON COLUMN mus_albums.created_at IS 'When it was made. Writer: POST /api/library/albums.';
COMMENT ON COLUMN mus_albums.updated_at IS 'When its owner last changed it; counters do not move it. Writer: POST, PATCH and DELETE /api/library/albums.';
COMMENT ON COLUMN mus_albums.deleted_at IS 'When it was deleted; null while it lives. Writer: DELETE /api/library/albums/{id}.';

CREATE TABLE mus_tracks (
    id uuid CONSTRAINT mus_tracks_pkey PRIMARY KEY,
    user_id uuid NOT NULL,
    album_id uuid CONSTRAINT mus_tracks_album_fkey REFERENCES mus_albums (id),
    title text NOT NULL CONSTRAINT mus_tracks_title_length CHECK (char_length(title) BETWEEN 1 AND 255),
    duration double precision NOT NULL CONSTRAINT mus_tracks_duration CHECK (duration > 0),
    file_id uuid NOT NULL,
    artwork_file_id uuid,
    genres text[] NOT NULL,
    tags text[] NOT NULL,
    track_number integer CONSTRAINT mus_tracks_track_number CHECK (track_number BETWEEN 1 AND 9999),
    disc_number integer CONSTRAINT mus_tracks_disc_number CHECK (disc_number BETWEEN 1 AND 999),
    status text NOT NULL CONSTRAINT mus_tracks_status
        CHECK (status IN ('draft', 'processing', 'active', 'published', 'archived', 'deleted')),
    quality text NOT NULL CONSTRAINT mus_tracks_quality CHECK (quality IN ('lossless', 'high', 'medium', 'low')),
    bitrate integer CONSTRAINT mus_tracks_bitrate CHECK (bitrate > 0),
    sample_rate integer CONSTRAINT mus_tracks_sample_rate CHECK (sample_rate > 0),
    file_size bigint NOT NULL CONSTRAINT mus_tracks_file_size CHECK (file_size > 0),
    mime_type text NOT NULL,
    is_explicit boolean NOT NULL,
    play_count bigint NOT NULL CONSTRAINT mus_tracks_play_count CHECK (play_count >= 0),
    skip_count bigint NOT NULL CONSTRAINT mus_tracks_skip_count CHECK (skip_count BETWEEN 0 AND play_count),
    language text,
    mood text,
    visibility text NOT NULL CONSTRAINT mus_tracks_visibility CHECK (visibility IN ('personal', 'shared', 'public')),
    metadata jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    CONSTRAINT mus_tracks_deleted CHECK ((status = 'deleted') = (deleted_at IS NOT NULL))
);

CREATE INDEX mus_tracks_of_user ON mus_tracks (user_id, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX mus_tracks_of_album ON mus_tracks (album_id);
CREATE INDEX mus_tracks_of_file ON mus_tracks (user_id, file_id);

COMMENT ON TABLE mus_tracks IS 'Tracks: one piece of music each, with the facts of its audio file.';
COMMENT ON COLUMN mus_tracks.id IS 'UUIDv7. Writer: POST /api/library/tracks.';
COMMENT ON COLUMN mus_tracks.user_id IS 'The owner, an account of user-service. Writer: POST /api/library/tracks.';
COMMENT ON COLUMN mus_tracks.album_id IS 'The album it is on, of the same owner; null without one. Writer: POST and PATCH /api/library/tracks.';
COMMENT ON COLUMN mus_tracks.title IS 'Title. Writer: POST and PATCH /api/library/tracks.';
COMMENT ON COLUMN mus_tracks.duration IS 'Seconds, from the probe of its file. Writer: POST /api/library/tracks.';
COMMENT ON COLUMN mus_tracks.file_id IS 'Storage file of the audio. Writer: POST /api/library/tracks.';
COMMENT ON COLUMN mus_tracks.artwork_file_id IS 'Storage file of its own picture; null without one. Writer: POST and PATCH /api/library/tracks.';
COMMENT ON COLUMN mus_tracks.genres IS 'Genres as the owner named them. Writer: POST and PATCH /api/library/tracks.';
COMMENT ON COLUMN mus_tracks.tags IS 'The owner''s tags. Writer: POST and PATCH /api/library/tracks.';
COMMENT ON COLUMN mus_tracks.track_number IS 'Place on its disc; null when unknown. Writer: POST and PATCH /api/library/tracks.';
COMMENT ON COLUMN mus_tracks.disc_number IS 'Disc of its album; null when unknown. Writer: POST and PATCH /api/library/tracks.';
COMMENT ON COLUMN mus_tracks.status IS 'Where it is in its life. Writer: POST and DELETE /api/library/tracks, DELETE /api/library/albums/{id}.';
COMMENT ON COLUMN mus_tracks.quality IS 'Sound quality, judged from codec and bitrate of the probe. Writer: POST /api/library/tracks.';
COMMENT ON COLUMN mus_tracks.bitrate IS 'Bits per second, from the probe; null when the format does not tell. Writer: POST /api/library/tracks.';
COMMENT ON COLUMN mus_tracks.sample_rate IS 'Samples per second, from the probe; null when the format does not tell. Writer: POST /api/library/tracks.';
COMMENT ON COLUMN mus_tracks.file_size IS 'Bytes of the audio file. Writer: POST /api/library/tracks.';
COMMENT ON COLUMN mus_tracks.mime_type IS 'Media type of the audio file, told from its bytes. Writer: POST /api/library/tracks.';
COMMENT ON COLUMN mus_tracks.is_explicit IS 'Whether it has explicit words. Writer: POST and PATCH /api/library/tracks.';
COMMENT ON COLUMN mus_tracks.play_count IS 'Counter: plays by anyone. Writer: the play recorder.';
COMMENT ON COLUMN mus_tracks.skip_count IS 'Counter: plays that were skipped. Writer: the play recorder.';
COMMENT ON COLUMN mus_tracks.language IS 'BCP 47 tag; null when none was given. Writer: POST and PATCH /api/library/tracks.';
COMMENT ON COLUMN mus_tracks.mood IS 'Mood; null when none was given. Writer: POST and PATCH /api/library/tracks.';
COMMENT ON COLUMN mus_tracks.visibility IS 'Who may see it. Writer: POST and PATCH /api/library/tracks.';
COMMENT ON COLUMN mus_tracks.metadata IS 'What the client keeps with it, a JSON object. Writer: POST and PATCH /api/library/tracks.';
COMMENT ON COLUMN mus_tracks.created_at IS 'When it was made. Writer: POST /api/library/tracks.';
COMMENT ON COLUMN mus_tracks.updated_at IS 'When its owner last changed it; counters do not move it. Writer: POST, PATCH and DELETE /api/library/tracks.';
COMMENT ON COLUMN mus_tracks.deleted_at IS 'When it was deleted; null while it lives. Writer: DELETE /api/library/tracks/{id} and /api/library/albums/{id}.';

-- Where tracks, albums, playlists and their entries come from, and what they belong to.
ALTER TABLE mus_tracks
    ADD COLUMN variant_group_id uuid,
    ADD COLUMN source_type text NOT NULL DEFAULT 'uploaded',
    ADD COLUMN generated_by_user_id uuid,
    ADD COLUMN play_on_date date,
    ADD COLUMN created_by uuid,
    ADD COLUMN updated_by uuid,
    ADD CONSTRAINT mus_tracks_source_type CHECK (source_type IN ('uploaded', 'generated')),
    ADD CONSTRAINT mus_tracks_generated_by CHECK (generated_by_user_id IS NULL OR source_type = 'generated');
UPDATE mus_tracks SET created_by = user_id, updated_by = user_id;
ALTER TABLE mus_tracks ALTER COLUMN created_by SET NOT NULL, ALTER COLUMN updated_by SET NOT NULL;

CREATE INDEX mus_tracks_of_variant_group ON mus_tracks (user_id, variant_group_id, id DESC)
    WHERE variant_group_id IS NOT NULL;
CREATE INDEX mus_tracks_of_play_date ON mus_tracks (user_id, play_on_date, id DESC) WHERE play_on_date IS NOT NULL;
CREATE INDEX mus_tracks_of_generator ON mus_tracks (generated_by_user_id) WHERE generated_by_user_id IS NOT NULL;
CREATE INDEX mus_tracks_changed_by_others ON mus_tracks (updated_by) WHERE updated_by <> user_id;

COMMENT ON COLUMN mus_tracks.variant_group_id IS 'Takes and mixes of one piece share it, among the owner''s tracks; chosen by the client. Writer: POST /api/library/tracks, PATCH /api/library/tracks/{id}.';
COMMENT ON COLUMN mus_tracks.source_type IS 'How its audio came to be: uploaded or generated. Writer: POST /api/library/tracks.';
COMMENT ON COLUMN mus_tracks.generated_by_user_id IS 'Who had it generated, and so is its creator in plays; null for the owner. Writer: POST /api/library/tracks.';
COMMENT ON COLUMN mus_tracks.play_on_date IS 'The day that its owner means it for. Writer: POST /api/library/tracks, PATCH /api/library/tracks/{id}.';
COMMENT ON COLUMN mus_tracks.created_by IS 'The account that made it. Writer: POST /api/library/tracks.';
COMMENT ON COLUMN mus_tracks.updated_by IS 'The account that changed it last: its owner, or an admin. Writer: POST, PATCH and DELETE of /api/library/tracks and /api/library/albums.';

ALTER TABLE mus_albums
    ADD COLUMN chapter_id uuid,
    ADD COLUMN is_system boolean NOT NULL DEFAULT false,
    ADD COLUMN created_by uuid,
    ADD COLUMN updated_by uuid;
UPDATE mus_albums SET created_by = user_id, updated_by = user_id;
ALTER TABLE mus_albums ALTER COLUMN created_by SET NOT NULL, ALTER COLUMN updated_by SET NOT NULL;

CREATE INDEX mus_albums_of_chapter ON mus_albums (user_id, chapter_id, id DESC) WHERE chapter_id IS NOT NULL;
CREATE INDEX mus_albums_changed_by_others ON mus_albums (updated_by) WHERE updated_by <> user_id;

COMMENT ON COLUMN mus_albums.chapter_id IS 'The chapter of a book that it is the music of; user-service''s id, not checked here. Writer: POST /api/library/albums, PATCH /api/library/albums/{id}.';
COMMENT ON COLUMN mus_albums.is_system IS 'Whether it comes with the service, and is not somebody''s own; librarians say so. Writer: POST /api/library/albums, PATCH /api/library/albums/{id}.';
COMMENT ON COLUMN mus_albums.created_by IS 'The account that made it. Writer: POST /api/library/albums.';
COMMENT ON COLUMN mus_albums.updated_by IS 'The account that changed it last: its owner, or an admin. Writer: POST, PATCH and DELETE of /api/library/albums.';

ALTER TABLE mus_playlists
    ADD COLUMN is_system boolean NOT NULL DEFAULT false,
    ADD COLUMN smart_key text,
    ADD CONSTRAINT mus_playlists_smart_key CHECK (smart_key ~ '^[a-z0-9][a-z0-9-]{0,63}$'),
    ADD CONSTRAINT mus_playlists_smart_key_of_system CHECK (smart_key IS NULL OR is_system);
CREATE UNIQUE INDEX mus_playlists_one_smart_key ON mus_playlists (smart_key) WHERE deleted_at IS NULL;

COMMENT ON COLUMN mus_playlists.is_system IS 'Whether it comes with the service, and is not somebody''s own; librarians say so. Writer: POST /api/playlists, PATCH /api/playlists/{id}.';
COMMENT ON COLUMN mus_playlists.smart_key IS 'The name by which apps find a list that comes with the service, whatever it is called. Writer: POST /api/playlists, PATCH /api/playlists/{id}.';

ALTER TABLE mus_playlist_tracks ADD COLUMN metadata jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN mus_playlist_tracks.metadata IS 'What the client keeps with the entry. Writer: POST /api/playlists/{id}/tracks.';

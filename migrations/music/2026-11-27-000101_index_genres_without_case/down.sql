DROP INDEX mus_albums_by_genre;
CREATE INDEX mus_albums_by_genre ON mus_albums USING gin (genres) WHERE deleted_at IS NULL;
CREATE INDEX mus_tracks_by_genre ON mus_tracks USING gin (genres) WHERE deleted_at IS NULL;

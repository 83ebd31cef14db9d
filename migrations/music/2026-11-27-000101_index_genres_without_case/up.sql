-- Genres are found without regard to case: of tracks by their facets, of albums by the same words.
DROP INDEX mus_tracks_by_genre;
DROP INDEX mus_albums_by_genre;
CREATE INDEX mus_albums_by_genre ON mus_albums USING gin (mus_facets(genres, '{}', NULL, NULL, NULL)) WHERE deleted_at IS NULL;

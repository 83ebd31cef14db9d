-- The public catalogue: the newest first, by title, by words, by genre.
CREATE INDEX mus_tracks_public ON mus_tracks (id DESC)
    WHERE visibility = 'public' AND status IN ('active', 'published');
CREATE INDEX mus_tracks_public_by_title ON mus_tracks (mus_fold(title), id)
    WHERE visibility = 'public' AND status IN ('active', 'published');
CREATE INDEX mus_tracks_by_words ON mus_tracks USING gin (to_tsvector('simple', mus_fold(title))) WHERE deleted_at IS NULL;
CREATE INDEX mus_tracks_by_genre ON mus_tracks USING gin (genres) WHERE deleted_at IS NULL;
CREATE INDEX mus_albums_public ON mus_albums (id DESC)
    WHERE visibility = 'public' AND status IN ('active', 'published');
CREATE INDEX mus_albums_public_by_title ON mus_albums (mus_fold(title), id)
    WHERE visibility = 'public' AND status IN ('active', 'published');
CREATE INDEX mus_albums_by_words ON mus_albums USING gin (to_tsvector('simple', mus_fold(title))) WHERE deleted_at IS NULL;
CREATE INDEX mus_albums_by_genre ON mus_albums USING gin (genres) WHERE deleted_at IS NULL;

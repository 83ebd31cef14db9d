-- The words of a track that rules of smart playlists ask for, without case: 'genre:jazz', 'mood:calm'.
CREATE FUNCTION mus_facets(genres text[], tags text[], mood text, language text, quality text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ARRAY(SELECT 'genre:' || lower(item) FROM unnest(genres) AS item)
        || ARRAY(SELECT 'tag:' || lower(item) FROM unnest(tags) AS item)
        || array_remove(ARRAY['mood:' || lower(mood), 'language:' || lower(language), 'quality:' || lower(quality)], NULL)
$$;

ALTER TABLE mus_tracks ADD COLUMN facets text[] NOT NULL
    GENERATED ALWAYS AS (mus_facets(genres, tags, mood, language, quality)) STORED;
COMMENT ON COLUMN mus_tracks.facets IS
    'The words that rules of smart playlists find it by, as kind:word without case. Writer: PostgreSQL, out of genres, tags, mood, language and quality.';

CREATE INDEX mus_tracks_by_facets ON mus_tracks USING gin (facets) WHERE deleted_at IS NULL;

DROP INDEX mus_tracks_by_facets;
ALTER TABLE mus_tracks DROP COLUMN facets;
DROP FUNCTION mus_facets(text[], text[], text, text, text);

DROP INDEX mus_tracks_by_facets;
DROP FUNCTION mus_facets(text[], text[], text, text, text);

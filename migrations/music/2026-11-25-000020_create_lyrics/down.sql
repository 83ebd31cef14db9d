DROP INDEX mus_tracks_of_lyrics;
ALTER TABLE mus_tracks DROP COLUMN has_synced_lyrics, DROP COLUMN lyrics_id;
DROP TABLE mus_lyrics;

ALTER TABLE mus_playlists DROP COLUMN rules;

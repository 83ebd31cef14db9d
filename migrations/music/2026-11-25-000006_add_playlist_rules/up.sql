ALTER TABLE mus_playlists ADD COLUMN rules jsonb
    CONSTRAINT mus_playlists_rules CHECK ((playlist_type = 'manual') = (rules IS NULL));
COMMENT ON COLUMN mus_playlists.rules IS 'Which tracks are on a smart or hybrid playlist; null for a manual one. Writer: POST and PATCH /api/playlists.';

ALTER TABLE mus_playlist_tracks DROP COLUMN metadata;
ALTER TABLE mus_playlists DROP COLUMN is_system, DROP COLUMN smart_key;
ALTER TABLE mus_albums DROP COLUMN chapter_id, DROP COLUMN is_system, DROP COLUMN created_by, DROP COLUMN updated_by;
ALTER TABLE mus_tracks DROP COLUMN variant_group_id, DROP COLUMN source_type, DROP COLUMN generated_by_user_id,
    DROP COLUMN play_on_date, DROP COLUMN created_by, DROP COLUMN updated_by;

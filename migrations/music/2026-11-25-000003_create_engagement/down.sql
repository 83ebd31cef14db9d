DROP TABLE mus_followed_creators;
DROP TABLE mus_favorite_albums;
DROP TABLE mus_favorite_tracks;
DROP INDEX mus_recently_played_by_track;
ALTER TABLE mus_albums DROP COLUMN like_count;
ALTER TABLE mus_tracks DROP COLUMN like_count;

DROP INDEX mus_recently_played_of_playlist;
ALTER TABLE mus_recently_played DROP COLUMN playlist_id;
DROP TABLE mus_playlist_activities;
DROP TABLE mus_playlist_collaborators;
DROP TABLE mus_playlist_followers;
DROP TABLE mus_playlist_likes;
DROP TABLE mus_playlist_tracks;
DROP TABLE mus_playlists;
DROP FUNCTION mus_fold(text);

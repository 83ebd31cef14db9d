DROP INDEX mus_tracks_in_progress;
DROP TABLE mus_popular_tracks;

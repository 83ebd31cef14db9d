DROP TABLE mus_tracks;
DROP TABLE mus_albums;

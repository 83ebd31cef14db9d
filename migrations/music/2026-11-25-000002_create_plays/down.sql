DROP TABLE mus_recently_played;

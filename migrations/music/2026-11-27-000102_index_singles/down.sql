DROP INDEX mus_tracks_singles;

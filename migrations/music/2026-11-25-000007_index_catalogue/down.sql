DROP INDEX mus_albums_by_genre;
DROP INDEX mus_albums_by_words;
DROP INDEX mus_albums_public_by_title;
DROP INDEX mus_albums_public;
DROP INDEX mus_tracks_by_genre;
DROP INDEX mus_tracks_by_words;
DROP INDEX mus_tracks_public_by_title;
DROP INDEX mus_tracks_public;

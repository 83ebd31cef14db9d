-- A person's tracks by title: what entries of an imported playlist are matched with.
CREATE INDEX mus_tracks_of_user_by_title ON mus_tracks (user_id, mus_fold(title)) WHERE deleted_at IS NULL;

-- Tracks on no album by whose music they are, the newest first: what followers are told of.
CREATE INDEX mus_tracks_singles ON mus_tracks (coalesce(generated_by_user_id, user_id), id DESC)
    WHERE album_id IS NULL AND deleted_at IS NULL;

ALTER TABLE mus_tracks ADD COLUMN like_count bigint NOT NULL DEFAULT 0
    CONSTRAINT mus_tracks_like_count CHECK (like_count >= 0);
ALTER TABLE mus_albums ADD COLUMN like_count bigint NOT NULL DEFAULT 0
    CONSTRAINT mus_albums_like_count CHECK (like_count >= 0);

COMMENT ON COLUMN mus_tracks.like_count IS 'Counter: people who have it among their favourites. Writer: POST and DELETE /api/library/track/{trackId}/like.';
COMMENT ON COLUMN mus_albums.like_count IS 'Counter: people who have it among their favourites. Writer: POST and DELETE /api/library/album/{albumId}/like.';

-- What a person has heard of a track: the counts of a new favourite, and the distinct tracks heard of an album.
CREATE INDEX mus_recently_played_by_track ON mus_recently_played (user_id, track_id);

-- Favourites and follows are a person's own: the person leads the keys. Lists that are sorted by anything but the time
-- of adding sort the rows of one person, so that a play moves no index but stays a change in place.
CREATE TABLE mus_favorite_tracks (
    user_id uuid NOT NULL,
    track_id uuid NOT NULL,
    added_at timestamptz NOT NULL,
    play_count bigint NOT NULL CONSTRAINT mus_favorite_tracks_play_count CHECK (play_count >= 0),
    last_played_at timestamptz,
    rating smallint CONSTRAINT mus_favorite_tracks_rating CHECK (rating BETWEEN 1 AND 5),
    notes text CONSTRAINT mus_favorite_tracks_notes CHECK (char_length(notes) <= 4000),
    tags text[] NOT NULL CONSTRAINT mus_favorite_tracks_tags CHECK (cardinality(tags) <= 50),
    updated_at timestamptz NOT NULL,
    CONSTRAINT mus_favorite_tracks_pkey PRIMARY KEY (user_id, track_id)
);

CREATE INDEX mus_favorite_tracks_by_time ON mus_favorite_tracks (user_id, added_at DESC, track_id DESC);
CREATE INDEX mus_favorite_tracks_of_track ON mus_favorite_tracks (track_id) INCLUDE (rating);

COMMENT ON TABLE mus_favorite_tracks IS 'Liked tracks, each with what the person says of it.';
COMMENT ON COLUMN mus_favorite_tracks.user_id IS 'Who likes it. Writer: POST /api/library/track/{trackId}/like.';
COMMENT ON COLUMN mus_favorite_tracks.track_id IS 'What is liked. Writer: POST /api/library/track/{trackId}/like.';
COMMENT ON COLUMN mus_favorite_tracks.added_at IS 'Since when. Writer: POST /api/library/track/{trackId}/like.';
COMMENT ON COLUMN mus_favorite_tracks.play_count IS 'Counter: plays of it by the person, those before the like included. Writer: POST .../like, the play recorder, DELETE of plays.';
COMMENT ON COLUMN mus_favorite_tracks.last_played_at IS 'Latest of those plays; null without one. Writer: POST .../like, the play recorder, DELETE of plays.';
COMMENT ON COLUMN mus_favorite_tracks.rating IS '1 to 5; null when not rated. Writer: PATCH /api/library/track/{trackId}/favorite.';
COMMENT ON COLUMN mus_favorite_tracks.notes IS 'The person''s notes; null without any. Writer: PATCH /api/library/track/{trackId}/favorite.';
COMMENT ON COLUMN mus_favorite_tracks.tags IS 'The person''s own tags. Writer: PATCH /api/library/track/{trackId}/favorite.';
COMMENT ON COLUMN mus_favorite_tracks.updated_at IS 'When the person last changed it; plays do not move it. Writer: POST .../like, PATCH .../favorite.';

CREATE TABLE mus_favorite_albums (
    user_id uuid NOT NULL,
    album_id uuid NOT NULL,
    added_at timestamptz NOT NULL,
    play_count bigint NOT NULL CONSTRAINT mus_favorite_albums_play_count CHECK (play_count >= 0),
    last_played_at timestamptz,
    rating smallint CONSTRAINT mus_favorite_albums_rating CHECK (rating BETWEEN 1 AND 5),
    favorite_track_ids uuid[] NOT NULL CONSTRAINT mus_favorite_albums_favorite_tracks CHECK (cardinality(favorite_track_ids) <= 200),
    completion_rate double precision NOT NULL CONSTRAINT mus_favorite_albums_completion CHECK (completion_rate BETWEEN 0 AND 1),
    updated_at timestamptz NOT NULL,
    CONSTRAINT mus_favorite_albums_pkey PRIMARY KEY (user_id, album_id)
);

CREATE INDEX mus_favorite_albums_by_time ON mus_favorite_albums (user_id, added_at DESC, album_id DESC);
CREATE INDEX mus_favorite_albums_of_album ON mus_favorite_albums (album_id) INCLUDE (rating);

COMMENT ON TABLE mus_favorite_albums IS 'Liked albums, each with what the person says of it.';
COMMENT ON COLUMN mus_favorite_albums.user_id IS 'Who likes it. Writer: POST /api/library/album/{albumId}/like.';
COMMENT ON COLUMN mus_favorite_albums.album_id IS 'What is liked. Writer: POST /api/library/album/{albumId}/like.';
COMMENT ON COLUMN mus_favorite_albums.added_at IS 'Since when. Writer: POST /api/library/album/{albumId}/like.';
COMMENT ON COLUMN mus_favorite_albums.play_count IS 'Counter: plays of its tracks by the person, those before the like included. Writer: POST .../like, the play recorder, DELETE of plays.';
COMMENT ON COLUMN mus_favorite_albums.last_played_at IS 'Latest of those plays; null without one. Writer: POST .../like, the play recorder, DELETE of plays.';
COMMENT ON COLUMN mus_favorite_albums.rating IS '1 to 5; null when not rated. Writer: PATCH /api/library/album/{albumId}/favorite.';
COMMENT ON COLUMN mus_favorite_albums.favorite_track_ids IS 'The best of its tracks, in the person''s order. Writer: PATCH /api/library/album/{albumId}/favorite; a track that leaves the album leaves the list.';
COMMENT ON COLUMN mus_favorite_albums.completion_rate IS 'Share of its tracks that the person has heard to at least half in one play. Writer: POST .../like, the play recorder, DELETE of plays, every change of the album''s tracks.';
COMMENT ON COLUMN mus_favorite_albums.updated_at IS 'When the person last changed it; plays do not move it. Writer: POST .../like, PATCH .../favorite.';

CREATE TABLE mus_followed_creators (
    user_id uuid NOT NULL,
    creator_id uuid NOT NULL,
    added_at timestamptz NOT NULL,
    play_count bigint NOT NULL CONSTRAINT mus_followed_creators_play_count CHECK (play_count >= 0),
    last_played_at timestamptz,
    rating smallint CONSTRAINT mus_followed_creators_rating CHECK (rating BETWEEN 1 AND 5),
    notifications_enabled boolean NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT mus_followed_creators_pkey PRIMARY KEY (user_id, creator_id),
    CONSTRAINT mus_followed_creators_not_oneself CHECK (user_id <> creator_id)
);

CREATE INDEX mus_followed_creators_by_time ON mus_followed_creators (user_id, added_at DESC, creator_id DESC);
CREATE INDEX mus_followed_creators_of_creator ON mus_followed_creators (creator_id);

COMMENT ON TABLE mus_followed_creators IS 'Who follows whom.';
COMMENT ON COLUMN mus_followed_creators.user_id IS 'Who follows. Writer: POST /api/library/creator/{creatorId}/follow.';
COMMENT ON COLUMN mus_followed_creators.creator_id IS 'Who is followed. Writer: POST /api/library/creator/{creatorId}/follow.';
COMMENT ON COLUMN mus_followed_creators.added_at IS 'Since when. Writer: POST /api/library/creator/{creatorId}/follow.';
COMMENT ON COLUMN mus_followed_creators.play_count IS 'Counter: plays of the creator''s music by the person, those before the follow included. Writer: POST .../follow, the play recorder, DELETE of plays.';
COMMENT ON COLUMN mus_followed_creators.last_played_at IS 'Latest of those plays; null without one. Writer: POST .../follow, the play recorder, DELETE of plays.';
COMMENT ON COLUMN mus_followed_creators.rating IS '1 to 5; null when not rated. Writer: PATCH /api/library/creator/{creatorId}/follow.';
COMMENT ON COLUMN mus_followed_creators.notifications_enabled IS 'Whether new releases appear in the person''s feed. Writer: POST and PATCH /api/library/creator/{creatorId}/follow.';
COMMENT ON COLUMN mus_followed_creators.updated_at IS 'When the person last changed it; plays do not move it. Writer: POST and PATCH /api/library/creator/{creatorId}/follow.';

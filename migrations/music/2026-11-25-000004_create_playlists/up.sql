CREATE EXTENSION IF NOT EXISTS unaccent WITH SCHEMA public;

-- Text as searches compare it: without letter case and accents. Declared immutable, which unaccent is for a fixed
-- dictionary, so that indexes can hold it.
CREATE FUNCTION mus_fold(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
    RETURN lower(public.unaccent('public.unaccent'::regdictionary, value));

CREATE TABLE mus_playlists (
    id uuid CONSTRAINT mus_playlists_pkey PRIMARY KEY,
    user_id uuid NOT NULL,
    name text NOT NULL CONSTRAINT mus_playlists_name_length CHECK (char_length(name) BETWEEN 1 AND 255),
    description text CONSTRAINT mus_playlists_description_length CHECK (char_length(description) <= 2000),
    visibility text NOT NULL CONSTRAINT mus_playlists_visibility CHECK (visibility IN ('personal', 'shared', 'public')),
    artwork_file_id uuid,
    category text NOT NULL CONSTRAINT mus_playlists_category CHECK (category IN ('user', 'featured', 'algorithm')),
    icon text CONSTRAINT mus_playlists_icon_length CHECK (char_length(icon) BETWEEN 1 AND 10),
    color text CONSTRAINT mus_playlists_color CHECK (color ~ '^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$'),
    playlist_type text NOT NULL CONSTRAINT mus_playlists_type CHECK (playlist_type IN ('manual', 'smart', 'hybrid')),
    mood text,
    genre text,
    language text,
    tags text[] NOT NULL CONSTRAINT mus_playlists_tags CHECK (cardinality(tags) <= 50),
    status text NOT NULL CONSTRAINT mus_playlists_status CHECK (status IN ('active', 'archived', 'deleted')),
    track_count integer NOT NULL CONSTRAINT mus_playlists_track_count CHECK (track_count >= 0),
    total_duration double precision NOT NULL CONSTRAINT mus_playlists_total_duration CHECK (total_duration >= 0),
    play_count bigint NOT NULL CONSTRAINT mus_playlists_play_count CHECK (play_count >= 0),
    like_count bigint NOT NULL CONSTRAINT mus_playlists_like_count CHECK (like_count >= 0),
    follower_count bigint NOT NULL CONSTRAINT mus_playlists_follower_count CHECK (follower_count >= 0),
    metadata jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    CONSTRAINT mus_playlists_deleted CHECK ((status = 'deleted') = (deleted_at IS NOT NULL))
);

CREATE INDEX mus_playlists_of_user ON mus_playlists (user_id, id DESC);
CREATE INDEX mus_playlists_public ON mus_playlists (id DESC) WHERE visibility = 'public' AND status = 'active';
CREATE INDEX mus_playlists_featured ON mus_playlists (id DESC)
    WHERE category = 'featured' AND visibility = 'public' AND status = 'active';
CREATE INDEX mus_playlists_by_words ON mus_playlists USING gin (to_tsvector('simple', mus_fold(name)))
    WHERE visibility = 'public' AND status = 'active';

COMMENT ON TABLE mus_playlists IS 'Playlists: lists of tracks that people make, share, like and follow.';
COMMENT ON COLUMN mus_playlists.id IS 'UUIDv7. Writer: POST /api/playlists.';
COMMENT ON COLUMN mus_playlists.user_id IS 'The owner, an account of user-service. Writer: POST /api/playlists.';
COMMENT ON COLUMN mus_playlists.name IS 'Name. Writer: POST and PATCH /api/playlists.';
COMMENT ON COLUMN mus_playlists.description IS 'A few words about it; null when none were given. Writer: POST and PATCH /api/playlists.';
COMMENT ON COLUMN mus_playlists.visibility IS 'Who may see it. Writer: POST and PATCH /api/playlists.';
COMMENT ON COLUMN mus_playlists.artwork_file_id IS 'Storage file of its picture; null without one. Writer: POST and PATCH /api/playlists.';
COMMENT ON COLUMN mus_playlists.category IS 'Who made it for whom. Writer: POST and PATCH /api/playlists.';
COMMENT ON COLUMN mus_playlists.icon IS 'One emoji; null without one. Writer: POST and PATCH /api/playlists.';
COMMENT ON COLUMN mus_playlists.color IS '#rgb or #rrggbb; null without one. Writer: POST and PATCH /api/playlists.';
COMMENT ON COLUMN mus_playlists.playlist_type IS 'What decides which tracks are on it. Writer: POST and PATCH /api/playlists.';
COMMENT ON COLUMN mus_playlists.mood IS 'Mood; null when none was given. Writer: POST and PATCH /api/playlists.';
COMMENT ON COLUMN mus_playlists.genre IS 'Genre; null when none was given. Writer: POST and PATCH /api/playlists.';
COMMENT ON COLUMN mus_playlists.language IS 'BCP 47 tag; null when none was given. Writer: POST and PATCH /api/playlists.';
COMMENT ON COLUMN mus_playlists.tags IS 'The owner''s tags. Writer: POST and PATCH /api/playlists.';
COMMENT ON COLUMN mus_playlists.status IS 'Where it is in its life. Writer: POST and DELETE /api/playlists, POST .../restore.';
COMMENT ON COLUMN mus_playlists.track_count IS 'Counter: tracks on it. Writer: every change of its tracks, in its transaction.';
COMMENT ON COLUMN mus_playlists.total_duration IS 'Counter: seconds of those tracks together. Writer: every change of its tracks, in its transaction.';
COMMENT ON COLUMN mus_playlists.play_count IS 'Counter: plays that name it and a track on it. Writer: the play recorder, DELETE of plays.';
COMMENT ON COLUMN mus_playlists.like_count IS 'Counter: people who like it. Writer: POST and DELETE .../like.';
COMMENT ON COLUMN mus_playlists.follower_count IS 'Counter: people who follow it. Writer: POST and DELETE .../follow.';
COMMENT ON COLUMN mus_playlists.metadata IS 'What the client keeps with it, a JSON object. Writer: POST and PATCH /api/playlists.';
COMMENT ON COLUMN mus_playlists.created_at IS 'When it was made. Writer: POST /api/playlists.';
COMMENT ON COLUMN mus_playlists.updated_at IS 'When it or its tracks were last changed by a person; counters of plays and likes do not move it. Writer: every change of it or its tracks.';
COMMENT ON COLUMN mus_playlists.deleted_at IS 'When it was deleted; null while it lives. Writer: DELETE /api/playlists/{id}, POST .../restore.';

-- Positions are 0, 1, 2, ... without gaps; whoever changes them holds the playlist's row. Deferrable, so that one
-- statement can move many.
CREATE TABLE mus_playlist_tracks (
    playlist_id uuid NOT NULL CONSTRAINT mus_playlist_tracks_playlist_fkey REFERENCES mus_playlists (id),
    track_id uuid NOT NULL CONSTRAINT mus_playlist_tracks_track_fkey REFERENCES mus_tracks (id),
    position integer NOT NULL CONSTRAINT mus_playlist_tracks_position CHECK (position >= 0),
    added_by uuid NOT NULL,
    added_at timestamptz NOT NULL,
    play_count bigint NOT NULL CONSTRAINT mus_playlist_tracks_play_count CHECK (play_count >= 0),
    last_played_at timestamptz,
    CONSTRAINT mus_playlist_tracks_pkey PRIMARY KEY (playlist_id, track_id),
    CONSTRAINT mus_playlist_tracks_one_at_a_place UNIQUE (playlist_id, position) DEFERRABLE INITIALLY IMMEDIATE
);

CREATE INDEX mus_playlist_tracks_of_track ON mus_playlist_tracks (track_id);

COMMENT ON TABLE mus_playlist_tracks IS 'Tracks on playlists.';
COMMENT ON COLUMN mus_playlist_tracks.playlist_id IS 'The playlist. Writer: POST /api/playlists/{id}/tracks.';
COMMENT ON COLUMN mus_playlist_tracks.track_id IS 'The track. Writer: POST /api/playlists/{id}/tracks.';
COMMENT ON COLUMN mus_playlist_tracks.position IS 'Its place, from 0. Writer: every change of the playlist''s tracks.';
COMMENT ON COLUMN mus_playlist_tracks.added_by IS 'Who put it there. Writer: POST /api/playlists/{id}/tracks.';
COMMENT ON COLUMN mus_playlist_tracks.added_at IS 'When. Writer: POST /api/playlists/{id}/tracks.';
COMMENT ON COLUMN mus_playlist_tracks.play_count IS 'Counter: plays of it that count for this playlist. Writer: POST .../tracks, the play recorder, DELETE of plays.';
COMMENT ON COLUMN mus_playlist_tracks.last_played_at IS 'Latest of those plays; null without one. Writer: POST .../tracks, the play recorder, DELETE of plays.';

CREATE TABLE mus_playlist_likes (
    playlist_id uuid NOT NULL CONSTRAINT mus_playlist_likes_playlist_fkey REFERENCES mus_playlists (id),
    user_id uuid NOT NULL,
    liked_at timestamptz NOT NULL,
    CONSTRAINT mus_playlist_likes_pkey PRIMARY KEY (playlist_id, user_id)
);

CREATE INDEX mus_playlist_likes_of_user ON mus_playlist_likes (user_id, playlist_id DESC);

COMMENT ON TABLE mus_playlist_likes IS 'Who likes which playlist.';
COMMENT ON COLUMN mus_playlist_likes.playlist_id IS 'The playlist. Writer: POST /api/playlists/{id}/like.';
COMMENT ON COLUMN mus_playlist_likes.user_id IS 'Who likes it. Writer: POST /api/playlists/{id}/like.';
COMMENT ON COLUMN mus_playlist_likes.liked_at IS 'Since when. Writer: POST /api/playlists/{id}/like.';

CREATE TABLE mus_playlist_followers (
    playlist_id uuid NOT NULL CONSTRAINT mus_playlist_followers_playlist_fkey REFERENCES mus_playlists (id),
    user_id uuid NOT NULL,
    followed_at timestamptz NOT NULL,
    CONSTRAINT mus_playlist_followers_pkey PRIMARY KEY (playlist_id, user_id)
);

CREATE INDEX mus_playlist_followers_of_user ON mus_playlist_followers (user_id, playlist_id DESC);
CREATE INDEX mus_playlist_followers_by_time ON mus_playlist_followers (playlist_id, followed_at DESC, user_id DESC);

COMMENT ON TABLE mus_playlist_followers IS 'Who follows which playlist.';
COMMENT ON COLUMN mus_playlist_followers.playlist_id IS 'The playlist. Writer: POST /api/playlists/{id}/follow.';
COMMENT ON COLUMN mus_playlist_followers.user_id IS 'Who follows it. Writer: POST /api/playlists/{id}/follow.';
COMMENT ON COLUMN mus_playlist_followers.followed_at IS 'Since when. Writer: POST /api/playlists/{id}/follow.';

CREATE TABLE mus_playlist_collaborators (
    playlist_id uuid NOT NULL CONSTRAINT mus_playlist_collaborators_playlist_fkey REFERENCES mus_playlists (id),
    user_id uuid NOT NULL,
    role text NOT NULL CONSTRAINT mus_playlist_collaborators_role CHECK (role IN ('editor', 'viewer')),
    added_by uuid NOT NULL,
    added_at timestamptz NOT NULL,
    CONSTRAINT mus_playlist_collaborators_pkey PRIMARY KEY (playlist_id, user_id)
);

COMMENT ON TABLE mus_playlist_collaborators IS 'Who works on somebody else''s playlist.';
COMMENT ON COLUMN mus_playlist_collaborators.playlist_id IS 'The playlist. Writer: POST /api/playlists/{id}/collaborators.';
COMMENT ON COLUMN mus_playlist_collaborators.user_id IS 'Who. Writer: POST /api/playlists/{id}/collaborators.';
COMMENT ON COLUMN mus_playlist_collaborators.role IS 'As what. Writer: POST /api/playlists/{id}/collaborators.';
COMMENT ON COLUMN mus_playlist_collaborators.added_by IS 'Who let them. Writer: POST /api/playlists/{id}/collaborators.';
COMMENT ON COLUMN mus_playlist_collaborators.added_at IS 'Since when. Writer: POST /api/playlists/{id}/collaborators.';

CREATE TABLE mus_playlist_activities (
    id uuid CONSTRAINT mus_playlist_activities_pkey PRIMARY KEY,
    playlist_id uuid NOT NULL CONSTRAINT mus_playlist_activities_playlist_fkey REFERENCES mus_playlists (id),
    user_id uuid NOT NULL,
    action text NOT NULL CONSTRAINT mus_playlist_activities_action CHECK (action IN (
        'created', 'updated', 'deleted', 'restored', 'track_added', 'track_removed', 'reordered', 'followed',
        'unfollowed', 'liked', 'unliked', 'collaborator_added', 'collaborator_removed')),
    details jsonb NOT NULL CONSTRAINT mus_playlist_activities_details CHECK (jsonb_typeof(details) = 'object'),
    created_at timestamptz NOT NULL
);

CREATE INDEX mus_playlist_activities_by_time ON mus_playlist_activities (playlist_id, id DESC);

COMMENT ON TABLE mus_playlist_activities IS 'What was done to playlists, by whom.';
COMMENT ON COLUMN mus_playlist_activities.id IS 'UUIDv7; orders them. Writer: every change of a playlist.';
COMMENT ON COLUMN mus_playlist_activities.playlist_id IS 'The playlist. Writer: every change of a playlist.';
COMMENT ON COLUMN mus_playlist_activities.user_id IS 'The actor. Writer: every change of a playlist.';
COMMENT ON COLUMN mus_playlist_activities.action IS 'What. Writer: every change of a playlist.';
COMMENT ON COLUMN mus_playlist_activities.details IS 'More about it, such as the track, a JSON object. Writer: every change of a playlist.';
COMMENT ON COLUMN mus_playlist_activities.created_at IS 'When. Writer: every change of a playlist.';

ALTER TABLE mus_recently_played ADD COLUMN playlist_id uuid;
CREATE INDEX mus_recently_played_of_playlist ON mus_recently_played (playlist_id, track_id) WHERE playlist_id IS NOT NULL;
COMMENT ON COLUMN mus_recently_played.playlist_id IS 'The playlist for which it counts: the one that the context names, when the listener may see it and the track is on it; else null. Writer: the play recorder.';

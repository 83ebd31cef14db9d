CREATE TABLE mus_popular_tracks (
    track_id uuid CONSTRAINT mus_popular_tracks_pkey PRIMARY KEY
        CONSTRAINT mus_popular_tracks_track_fkey REFERENCES mus_tracks (id) ON DELETE CASCADE,
    score double precision NOT NULL,
    listeners bigint NOT NULL,
    ranked_at timestamptz NOT NULL
);

CREATE INDEX mus_popular_tracks_by_score ON mus_popular_tracks (score DESC);
CREATE INDEX mus_tracks_in_progress ON mus_tracks (user_id, id DESC) WHERE status IN ('draft', 'processing');

COMMENT ON TABLE mus_popular_tracks IS 'The 200 public tracks that most people heard lately, computed anew every hour.';
COMMENT ON COLUMN mus_popular_tracks.track_id IS 'The track. Writer: the job music.rank-popular-tracks.';
COMMENT ON COLUMN mus_popular_tracks.score IS 'Sum over its listeners of the last 14 days, each halved for every 3.5 days since the last play that was not skipped. Writer: the job music.rank-popular-tracks.';
COMMENT ON COLUMN mus_popular_tracks.listeners IS 'How many these are. Writer: the job music.rank-popular-tracks.';
COMMENT ON COLUMN mus_popular_tracks.ranked_at IS 'When this was computed. Writer: the job music.rank-popular-tracks.';

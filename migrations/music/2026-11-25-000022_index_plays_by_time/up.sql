-- Everybody's plays of a time, for metrics, analytics, the ranking and retention. A block-range index: plays come nearly in
-- the order of their time, and a B-tree would cost every play for what is read a few times a day. Several ranges a block,
-- because offline plays come late.
CREATE INDEX mus_recently_played_of_time ON mus_recently_played
    USING brin (played_at timestamptz_minmax_multi_ops) WITH (pages_per_range = 32, autosummarize = on);
CREATE INDEX mus_stream_sessions_of_time ON mus_stream_sessions
    USING brin (started_at timestamptz_minmax_multi_ops) WITH (pages_per_range = 32, autosummarize = on);

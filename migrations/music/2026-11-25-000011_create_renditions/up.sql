CREATE TABLE mus_results (
    id uuid CONSTRAINT mus_results_pkey PRIMARY KEY,
    track_id uuid NOT NULL CONSTRAINT mus_results_track_fkey REFERENCES mus_tracks (id),
    user_id uuid NOT NULL,
    file_id uuid NOT NULL,
    file_version integer CONSTRAINT mus_results_file_version CHECK (file_version > 0),
    format text NOT NULL,
    codec text NOT NULL,
    bitrate integer CONSTRAINT mus_results_bitrate CHECK (bitrate > 0),
    sample_rate integer CONSTRAINT mus_results_sample_rate CHECK (sample_rate > 0),
    channels smallint CONSTRAINT mus_results_channels CHECK (channels > 0),
    file_size bigint NOT NULL CONSTRAINT mus_results_file_size CHECK (file_size >= 0),
    duration double precision NOT NULL CONSTRAINT mus_results_duration CHECK (duration > 0),
    quality text NOT NULL CONSTRAINT mus_results_quality CHECK (quality IN ('lossless', 'high', 'medium', 'low')),
    is_source boolean NOT NULL,
    play_count bigint NOT NULL CONSTRAINT mus_results_play_count CHECK (play_count >= 0),
    download_count bigint NOT NULL CONSTRAINT mus_results_download_count CHECK (download_count >= 0),
    last_played_at timestamptz,
    created_at timestamptz NOT NULL
);

CREATE UNIQUE INDEX mus_results_one_source ON mus_results (track_id) WHERE is_source;
CREATE INDEX mus_results_of_track ON mus_results (track_id, id);

COMMENT ON TABLE mus_results IS 'Renditions: each one playable audio of a track.';
COMMENT ON COLUMN mus_results.id IS 'UUIDv7. Writer: POST /api/library/tracks.';
COMMENT ON COLUMN mus_results.track_id IS 'The track. Writer: POST /api/library/tracks.';
COMMENT ON COLUMN mus_results.user_id IS 'Whose it is: the track''s owner. Writer: POST /api/library/tracks.';
COMMENT ON COLUMN mus_results.file_id IS 'The sound, a file of storage-service. Writer: POST /api/library/tracks.';
COMMENT ON COLUMN mus_results.file_version IS 'The version of that file; null for whatever version is current. Writer: POST /api/library/tracks.';
COMMENT ON COLUMN mus_results.format IS 'Media type. Writer: POST /api/library/tracks.';
COMMENT ON COLUMN mus_results.codec IS 'Codec, as storage-service found it. Writer: POST /api/library/tracks.';
COMMENT ON COLUMN mus_results.bitrate IS 'Bits per second; null where the format does not tell. Writer: POST /api/library/tracks.';
COMMENT ON COLUMN mus_results.sample_rate IS 'Samples per second; null where the format does not tell. Writer: POST /api/library/tracks.';
COMMENT ON COLUMN mus_results.channels IS 'Channels; null where the format does not tell. Writer: POST /api/library/tracks.';
COMMENT ON COLUMN mus_results.file_size IS 'Bytes. Writer: POST /api/library/tracks.';
COMMENT ON COLUMN mus_results.duration IS 'Seconds. Writer: POST /api/library/tracks.';
COMMENT ON COLUMN mus_results.quality IS 'Sound quality, by codec and bitrate. Writer: POST /api/library/tracks.';
COMMENT ON COLUMN mus_results.is_source IS 'Whether it is what the track was made of; each track has one. Writer: POST /api/library/tracks.';
COMMENT ON COLUMN mus_results.play_count IS 'Counter: plays of it. Writer: the play recorder.';
COMMENT ON COLUMN mus_results.download_count IS 'Counter: redirects to its bytes for keeping. Writer: GET /api/music/results/{id}/download.';
COMMENT ON COLUMN mus_results.last_played_at IS 'Latest time of a play, deleted ones too; null before the first. Writer: the play recorder.';
COMMENT ON COLUMN mus_results.created_at IS 'When it was made. Writer: POST /api/library/tracks.';

-- Tracks that are there already: their sound is their source.
INSERT INTO mus_results (id, track_id, user_id, file_id, format, codec, bitrate, sample_rate, file_size, duration, quality,
    is_source, play_count, download_count, last_played_at, created_at)
SELECT gen_random_uuid(), id, user_id, file_id, mime_type, split_part(mime_type, '/', 2), bitrate, sample_rate, file_size,
    duration, quality, true, 0, 0, NULL, created_at
FROM mus_tracks;

ALTER TABLE mus_recently_played ADD COLUMN result_id uuid;
COMMENT ON COLUMN mus_recently_played.result_id IS 'The rendition that was heard: the one that the client names, else the source; null for plays from before there were any. Writer: the play recorder.';

ALTER TABLE mus_stream_sessions ADD COLUMN result_id uuid;
COMMENT ON COLUMN mus_stream_sessions.result_id IS 'The rendition that is sent; null for sessions from before there were any. Writer: POST /api/streaming/play and record-play.';

ALTER TABLE mus_stream_sessions DROP COLUMN result_id;
ALTER TABLE mus_recently_played DROP COLUMN result_id;
DROP TABLE mus_results;

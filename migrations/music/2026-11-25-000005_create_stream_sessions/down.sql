DROP TABLE mus_stream_sessions;

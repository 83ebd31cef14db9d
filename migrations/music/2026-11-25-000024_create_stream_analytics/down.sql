DROP TABLE mus_stream_analytics;
ALTER TABLE mus_stream_sessions DROP COLUMN quality_adaptations;

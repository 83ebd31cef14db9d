DROP TABLE mus_track_feedback;

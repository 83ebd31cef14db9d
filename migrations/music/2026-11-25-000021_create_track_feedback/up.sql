CREATE TABLE mus_track_feedback (
    id uuid CONSTRAINT mus_track_feedback_pkey PRIMARY KEY,
    user_id uuid NOT NULL,
    track_id uuid NOT NULL CONSTRAINT mus_track_feedback_track_fkey REFERENCES mus_tracks (id) ON DELETE CASCADE,
    was_helpful boolean NOT NULL,
    context text CONSTRAINT mus_track_feedback_context CHECK (char_length(context) BETWEEN 1 AND 500),
    submitted_at timestamptz NOT NULL,
    CONSTRAINT mus_track_feedback_once UNIQUE (user_id, track_id)
);

CREATE INDEX mus_track_feedback_of_track ON mus_track_feedback (track_id, submitted_at DESC, id DESC);

COMMENT ON TABLE mus_track_feedback IS 'Feedback: whether a track helped the person who heard it.';
COMMENT ON COLUMN mus_track_feedback.id IS 'UUIDv7 of the first time; orders a list without naming the person. Writer: PUT /api/library/track/{id}/feedback.';
COMMENT ON COLUMN mus_track_feedback.user_id IS 'Who says it. Writer: PUT /api/library/track/{id}/feedback.';
COMMENT ON COLUMN mus_track_feedback.track_id IS 'Of which track. Writer: PUT /api/library/track/{id}/feedback.';
COMMENT ON COLUMN mus_track_feedback.was_helpful IS 'Whether it helped. Writer: PUT /api/library/track/{id}/feedback.';
COMMENT ON COLUMN mus_track_feedback.context IS 'In which situation; null when the person does not say. Writer: PUT /api/library/track/{id}/feedback.';
COMMENT ON COLUMN mus_track_feedback.submitted_at IS 'When it was said last. Writer: PUT /api/library/track/{id}/feedback.';

-- Reflections: questions that a person answers, one after the other.
CREATE TABLE usr_reflections (
    id uuid CONSTRAINT usr_reflections_pkey PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT usr_reflections_account_fkey REFERENCES usr_accounts (id),
    pattern_id uuid CONSTRAINT usr_reflections_pattern_fkey REFERENCES usr_user_patterns (id),
    started_at timestamptz NOT NULL,
    completed_at timestamptz
);

CREATE INDEX usr_reflections_of_user ON usr_reflections (user_id, id DESC);
CREATE INDEX usr_reflections_of_pattern ON usr_reflections (pattern_id);

COMMENT ON TABLE usr_reflections IS 'Questions that a person answers one after the other, about a pattern or about the days.';
COMMENT ON COLUMN usr_reflections.id IS 'UUIDv7. Writer: POST /api/reflections; POST .../patterns/{id}/reaction when the person is curious.';
COMMENT ON COLUMN usr_reflections.user_id IS 'The person. Writer: as id.';
COMMENT ON COLUMN usr_reflections.pattern_id IS 'The pattern whose question came first; null for one of the fixed questions. Writer: as id.';
COMMENT ON COLUMN usr_reflections.started_at IS 'When the first question was asked. Writer: as id.';
COMMENT ON COLUMN usr_reflections.completed_at IS 'When the person had enough, or the last question was answered; null before. Writer: POST /api/reflections/{id}/complete, PUT /api/reflections/{id}/turns/{n}.';

CREATE TABLE usr_reflection_turns (
    user_id uuid NOT NULL,
    reflection_id uuid NOT NULL CONSTRAINT usr_reflection_turns_reflection_fkey REFERENCES usr_reflections (id) ON DELETE CASCADE,
    turn_number integer NOT NULL CONSTRAINT usr_reflection_turns_number CHECK (turn_number BETWEEN 1 AND 10),
    question text NOT NULL,
    asked_at timestamptz NOT NULL,
    response text CONSTRAINT usr_reflection_turns_response CHECK (char_length(response) BETWEEN 1 AND 10000),
    submitted_at timestamptz,
    response_time_ms bigint CONSTRAINT usr_reflection_turns_response_time CHECK (response_time_ms >= 0),
    is_breakthrough boolean NOT NULL DEFAULT false,
    engagement_level integer CONSTRAINT usr_reflection_turns_engagement CHECK (engagement_level BETWEEN 1 AND 5),
    follow_ups text[] NOT NULL DEFAULT '{}',
    language text,
    word_count integer CONSTRAINT usr_reflection_turns_word_count CHECK (word_count >= 0),
    sentiment_score double precision CONSTRAINT usr_reflection_turns_score CHECK (sentiment_score BETWEEN -1 AND 1),
    emotional_intensity integer CONSTRAINT usr_reflection_turns_intensity CHECK (emotional_intensity BETWEEN 1 AND 10),
    themes text[] NOT NULL DEFAULT '{}',
    CONSTRAINT usr_reflection_turns_pkey PRIMARY KEY (user_id, reflection_id, turn_number),
    CONSTRAINT usr_reflection_turns_key UNIQUE (reflection_id, turn_number),
    CONSTRAINT usr_reflection_turns_answered CHECK (
        num_nulls(response, submitted_at, response_time_ms, engagement_level, language, word_count) IN (0, 6))
);

CREATE INDEX usr_reflection_turns_by_time ON usr_reflection_turns (user_id, submitted_at);

COMMENT ON TABLE usr_reflection_turns IS 'Questions of reflections with their answers; answers are read as entries are.';
COMMENT ON COLUMN usr_reflection_turns.user_id IS 'The person. Writer: whatever asks the question.';
COMMENT ON COLUMN usr_reflection_turns.reflection_id IS 'The reflection. Writer: whatever asks the question.';
COMMENT ON COLUMN usr_reflection_turns.turn_number IS '1 is the first. Writer: POST /api/reflections; PUT /api/reflections/{id}/turns/{n} asks the next.';
COMMENT ON COLUMN usr_reflection_turns.question IS 'The pattern''s question, one of the fixed ones, or the first follow-up of the turn before. Writer: as turn_number.';
COMMENT ON COLUMN usr_reflection_turns.asked_at IS 'When it was asked, by the server. Writer: as turn_number.';
COMMENT ON COLUMN usr_reflection_turns.response IS 'The answer; null before. Writer: PUT /api/reflections/{id}/turns/{n}.';
COMMENT ON COLUMN usr_reflection_turns.submitted_at IS 'When the answer came, by the server; null before. Writer: PUT /api/reflections/{id}/turns/{n}.';
COMMENT ON COLUMN usr_reflection_turns.response_time_ms IS 'Milliseconds from the question to the answer, by the server; null before. Writer: PUT /api/reflections/{id}/turns/{n}.';
COMMENT ON COLUMN usr_reflection_turns.is_breakthrough IS 'Whether the person says that the answer was one. Writer: PUT /api/reflections/{id}/turns/{n}.';
COMMENT ON COLUMN usr_reflection_turns.engagement_level IS '1 to 5 by the words of the answer, as the depth of entries; null before it. Writer: PUT /api/reflections/{id}/turns/{n}.';
COMMENT ON COLUMN usr_reflection_turns.follow_ups IS 'Questions that the answer raises, the next one first. Writer: PUT /api/reflections/{id}/turns/{n}.';
COMMENT ON COLUMN usr_reflection_turns.language IS 'en, de, fr, es or unknown; null before the answer. Writer: PUT /api/reflections/{id}/turns/{n}.';
COMMENT ON COLUMN usr_reflection_turns.word_count IS 'Words of the answer as Unicode sees them; null before it. Writer: PUT /api/reflections/{id}/turns/{n}.';
COMMENT ON COLUMN usr_reflection_turns.sentiment_score IS 'How the answer sounds, -1 to 1; null before it and without a lexicon. Writer: PUT /api/reflections/{id}/turns/{n}.';
COMMENT ON COLUMN usr_reflection_turns.emotional_intensity IS '1 to 10 from the share of words with feeling; null before the answer and without a lexicon. Writer: PUT /api/reflections/{id}/turns/{n}.';
COMMENT ON COLUMN usr_reflection_turns.themes IS 'What the answer is about. Writer: PUT /api/reflections/{id}/turns/{n}.';

ALTER TABLE usr_profiles ADD total_reflections integer NOT NULL DEFAULT 0
    CONSTRAINT usr_profiles_total_reflections CHECK (total_reflections >= 0);
COMMENT ON COLUMN usr_profiles.total_reflections IS 'Counter: reflections that the person began and did not delete. Writer: whatever begins or deletes a reflection.';

ALTER TABLE usr_mood_checkins
    ADD linked_reflection_id uuid
        CONSTRAINT usr_mood_checkins_reflection_fkey REFERENCES usr_reflections (id) ON DELETE SET NULL,
    ADD pattern_connection_id uuid
        CONSTRAINT usr_mood_checkins_pattern_fkey REFERENCES usr_user_patterns (id);
CREATE INDEX usr_mood_checkins_of_reflection ON usr_mood_checkins (linked_reflection_id);
CREATE INDEX usr_mood_checkins_of_pattern ON usr_mood_checkins (pattern_connection_id);
COMMENT ON COLUMN usr_mood_checkins.linked_reflection_id IS 'The reflection in which it was said: the one that the client names; null without one. Writer: POST /api/profiles/{userId}/checkins.';
COMMENT ON COLUMN usr_mood_checkins.pattern_connection_id IS 'The pattern of this mood that is shown to the person then; null without one. Writer: POST /api/profiles/{userId}/checkins.';

ALTER TABLE usr_pattern_reactions
    ADD follow_up_reflection_id uuid
        CONSTRAINT usr_pattern_reactions_reflection_fkey REFERENCES usr_reflections (id) ON DELETE SET NULL,
    ADD generated_insight_id uuid
        CONSTRAINT usr_pattern_reactions_insight_fkey REFERENCES usr_insights (id);
CREATE INDEX usr_pattern_reactions_of_reflection ON usr_pattern_reactions (follow_up_reflection_id);
CREATE INDEX usr_pattern_reactions_of_insight ON usr_pattern_reactions (generated_insight_id);
COMMENT ON COLUMN usr_pattern_reactions.follow_up_reflection_id IS 'The reflection about the pattern that followed; null before one. Writer: POST .../patterns/{id}/reaction when the person is curious, POST /api/reflections with the pattern.';
COMMENT ON COLUMN usr_pattern_reactions.generated_insight_id IS 'The insight of a pattern that resonates: made by the reaction where none was told yet; null for other reactions. Writer: POST .../patterns/{id}/reaction.';

ALTER TABLE usr_insights
    ADD validated_at timestamptz,
    ADD validated_by uuid CONSTRAINT usr_insights_validated_by_fkey REFERENCES usr_accounts (id),
    ADD CONSTRAINT usr_insights_validated CHECK ((validated_at IS NULL) = (validated_by IS NULL));
CREATE INDEX usr_insights_of_validator ON usr_insights (validated_by);
COMMENT ON COLUMN usr_insights.validated_at IS 'When somebody said that it is so; null before. Writer: POST .../patterns/{id}/reaction when it resonates.';
COMMENT ON COLUMN usr_insights.validated_by IS 'Who said so; null before. Writer: POST .../patterns/{id}/reaction when it resonates.';

ALTER TABLE usr_user_patterns ADD evidence_reflection_ids uuid[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN usr_user_patterns.evidence_reflection_ids IS 'Reflections that it rests on. Writer: an analysis run; deleting a reflection takes it out.';
COMMENT ON COLUMN usr_insights.evidence IS 'Ids of the entries and reflections that it rests on. Writer: an analysis run, POST .../patterns/{id}/reaction.';
COMMENT ON COLUMN usr_insights.withdrawn_at IS 'When it was taken back, because evidence was deleted or the person said not_me; null while it holds. Writer: DELETE of entries, chapters, books and reflections; POST .../patterns/{id}/reaction.';

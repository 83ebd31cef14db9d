-- What an entry says, as its writer or the lexicons see it. The defaults are for rows of before.
ALTER TABLE lib_entries
    ADD depth_level integer NOT NULL DEFAULT 1 CONSTRAINT lib_entries_depth_level CHECK (depth_level BETWEEN 1 AND 5),
    ADD sentiment text CONSTRAINT lib_entries_sentiment CHECK (sentiment IN ('negative', 'neutral', 'positive', 'mixed')),
    ADD sentiment_score double precision CONSTRAINT lib_entries_sentiment_score CHECK (sentiment_score BETWEEN -1 AND 1),
    ADD sentiment_reason text DEFAULT 'not analysed' CONSTRAINT lib_entries_sentiment_reason CHECK (
        sentiment_reason IN ('not analysed', 'language unknown', 'no lexicon', 'not own words', 'failed')),
    ADD emotional_intensity integer CONSTRAINT lib_entries_intensity CHECK (emotional_intensity BETWEEN 1 AND 10),
    ADD themes text[] NOT NULL DEFAULT '{}' CONSTRAINT lib_entries_themes CHECK (cardinality(themes) <= 100),
    ADD language text NOT NULL DEFAULT 'unknown',
    ADD word_count integer NOT NULL DEFAULT 0 CONSTRAINT lib_entries_word_count CHECK (word_count >= 0),
    ADD analysis_source text NOT NULL DEFAULT 'lexicon'
        CONSTRAINT lib_entries_analysis_source CHECK (analysis_source IN ('client', 'lexicon')),
    ADD client_values text[] NOT NULL DEFAULT '{}' CONSTRAINT lib_entries_client_values CHECK (
        client_values <@ ARRAY['sentiment', 'sentimentScore', 'emotionalIntensity', 'themes', 'language']),
    ADD analysis_version integer NOT NULL DEFAULT 0,
    ADD processing_status text NOT NULL DEFAULT 'pending' CONSTRAINT lib_entries_processing_status
        CHECK (processing_status IN ('pending', 'processing', 'completed', 'failed')),
    ADD CONSTRAINT lib_entries_sentiment_or_reason CHECK ((sentiment IS NULL) = (sentiment_reason IS NOT NULL)),
    ADD CONSTRAINT lib_entries_client CHECK ((analysis_source = 'client') = (cardinality(client_values) > 0));

-- For rows of before only: what a write leaves out is null.
ALTER TABLE lib_entries ALTER sentiment_reason DROP DEFAULT;

COMMENT ON COLUMN lib_entries.depth_level IS '1 to 5 by its words: from 1, 20, 60, 150 and 400 on. Writer: POST and PATCH /api/entries.';
COMMENT ON COLUMN lib_entries.sentiment IS 'How it sounds: the client''s word, else VADER''s for English; null with sentiment_reason. Writer: POST and PATCH /api/entries.';
COMMENT ON COLUMN lib_entries.sentiment_score IS 'From -1 (bad) to 1 (good): the client''s, else the mean compound score of its sentences; null without one. Writer: POST and PATCH /api/entries.';
COMMENT ON COLUMN lib_entries.sentiment_reason IS 'Why there is no sentiment; null when there is one. Writer: POST and PATCH /api/entries.';
COMMENT ON COLUMN lib_entries.emotional_intensity IS '1 to 10: the client''s, else from the share of words with feeling; null without a lexicon. Writer: POST and PATCH /api/entries.';
COMMENT ON COLUMN lib_entries.themes IS 'What it is about, in lower case: the client''s themes, else those found. Writer: POST and PATCH /api/entries.';
COMMENT ON COLUMN lib_entries.language IS 'en, de, fr, es or unknown; or what the client said. Writer: POST and PATCH /api/entries.';
COMMENT ON COLUMN lib_entries.word_count IS 'Words as Unicode sees them. Writer: POST and PATCH /api/entries.';
COMMENT ON COLUMN lib_entries.analysis_source IS 'client when any of the values is the client''s. Writer: POST and PATCH /api/entries.';
COMMENT ON COLUMN lib_entries.client_values IS 'Which values are the client''s; they outlive changes of the text. Writer: POST and PATCH /api/entries.';
COMMENT ON COLUMN lib_entries.analysis_version IS 'The version of lexicons and rules that it was read with. Writer: POST and PATCH /api/entries.';
COMMENT ON COLUMN lib_entries.processing_status IS 'Whether it was read: completed with the write, failed when the analysis broke down, pending for rows of before. Writer: POST and PATCH /api/entries.';

CREATE EXTENSION IF NOT EXISTS unaccent WITH SCHEMA public;

-- Text as searches compare it: without letter case and accents. Declared immutable, which unaccent is for a fixed
-- dictionary, so that indexes can hold it.
CREATE FUNCTION lib_fold(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
    RETURN lower(public.unaccent('public.unaccent'::regdictionary, value));

ALTER TABLE usr_profiles
    ADD total_entries bigint NOT NULL DEFAULT 0 CONSTRAINT usr_profiles_total_entries CHECK (total_entries >= 0),
    ADD current_streak_days integer NOT NULL DEFAULT 0
        CONSTRAINT usr_profiles_current_streak CHECK (current_streak_days >= 0),
    ADD longest_streak_days integer NOT NULL DEFAULT 0,
    ADD CONSTRAINT usr_profiles_longest_streak CHECK (longest_streak_days >= current_streak_days);

COMMENT ON COLUMN usr_profiles.total_entries IS 'Live entries. Writer: every transaction that makes or deletes an entry.';
COMMENT ON COLUMN usr_profiles.current_streak_days IS 'Days in a row with an entry, in the person''s zone, up to today or yesterday; 0 when the last is older. Writer: every transaction that moves an entry; the analysis at night.';
COMMENT ON COLUMN usr_profiles.longest_streak_days IS 'The longest such run of days. Writer: as current_streak_days.';

CREATE TABLE lib_books (
    id uuid CONSTRAINT lib_books_pkey PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT lib_books_account_fkey REFERENCES usr_accounts (id),
    title text NOT NULL CONSTRAINT lib_books_title CHECK (char_length(title) BETWEEN 1 AND 255),
    subtitle text CONSTRAINT lib_books_subtitle CHECK (char_length(subtitle) <= 255),
    description text CONSTRAINT lib_books_description CHECK (char_length(description) <= 4000),
    author text CONSTRAINT lib_books_author CHECK (char_length(author) <= 255),
    category text CONSTRAINT lib_books_category CHECK (char_length(category) <= 50),
    language text,
    visibility text NOT NULL CONSTRAINT lib_books_visibility CHECK (visibility IN ('personal', 'shared', 'public')),
    status text NOT NULL CONSTRAINT lib_books_status CHECK (status IN ('draft', 'active', 'archived')),
    cover_file_id uuid,
    chapter_count integer NOT NULL CONSTRAINT lib_books_chapter_count CHECK (chapter_count >= 0),
    entry_count integer NOT NULL CONSTRAINT lib_books_entry_count CHECK (entry_count >= 0),
    published_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    CONSTRAINT lib_books_published CHECK (status <> 'active' OR published_at IS NOT NULL)
);

CREATE UNIQUE INDEX lib_books_title_key ON lib_books (user_id, lower(title)) WHERE deleted_at IS NULL;
CREATE INDEX lib_books_of_user ON lib_books (user_id, id DESC);
CREATE INDEX lib_books_public ON lib_books (id DESC)
    WHERE visibility = 'public' AND status = 'active' AND deleted_at IS NULL;

COMMENT ON TABLE lib_books IS 'Books: what a person''s entries are collected in.';
COMMENT ON COLUMN lib_books.id IS 'UUIDv7. Writer: POST /api/books.';
COMMENT ON COLUMN lib_books.user_id IS 'The owner. Writer: POST /api/books.';
COMMENT ON COLUMN lib_books.title IS 'Title, unique among the owner''s live books whatever its case. Writer: POST and PATCH /api/books.';
COMMENT ON COLUMN lib_books.subtitle IS 'Subtitle; null without one. Writer: POST and PATCH /api/books.';
COMMENT ON COLUMN lib_books.description IS 'A few words about it; null without them. Writer: POST and PATCH /api/books.';
COMMENT ON COLUMN lib_books.author IS 'Who wrote it, as it is to be shown; null means the owner. Writer: POST and PATCH /api/books.';
COMMENT ON COLUMN lib_books.category IS 'The owner''s word for its kind; null without one. Writer: POST and PATCH /api/books.';
COMMENT ON COLUMN lib_books.language IS 'BCP 47 tag; null when it was not said. Writer: POST and PATCH /api/books.';
COMMENT ON COLUMN lib_books.visibility IS 'Who may read it once it is published. Writer: POST and PATCH /api/books.';
COMMENT ON COLUMN lib_books.status IS 'Draft, published (active) or put away. Writer: POST /api/books (draft), its publish and archive.';
COMMENT ON COLUMN lib_books.cover_file_id IS 'A picture of storage-service; null without one. Writer: POST and PATCH /api/books.';
COMMENT ON COLUMN lib_books.chapter_count IS 'Live chapters. Writer: making and deleting a chapter.';
COMMENT ON COLUMN lib_books.entry_count IS 'Live entries. Writer: making, moving and deleting an entry or a chapter.';
COMMENT ON COLUMN lib_books.published_at IS 'When it was first published; null before. Writer: POST /api/books/{id}/publish.';
COMMENT ON COLUMN lib_books.created_at IS 'When it was made. Writer: the database, with POST /api/books.';
COMMENT ON COLUMN lib_books.updated_at IS 'When it or its counts last changed. Writer: the database, with POST /api/books; every change after.';
COMMENT ON COLUMN lib_books.deleted_at IS 'When it was deleted; null while it lives. Writer: DELETE /api/books/{id}.';

CREATE TABLE lib_chapters (
    id uuid CONSTRAINT lib_chapters_pkey PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT lib_chapters_account_fkey REFERENCES usr_accounts (id),
    book_id uuid NOT NULL CONSTRAINT lib_chapters_book_fkey REFERENCES lib_books (id),
    title text NOT NULL CONSTRAINT lib_chapters_title CHECK (char_length(title) BETWEEN 1 AND 255),
    description text CONSTRAINT lib_chapters_description CHECK (char_length(description) <= 4000),
    sort_order integer NOT NULL CONSTRAINT lib_chapters_sort_order CHECK (sort_order >= 0),
    is_locked boolean NOT NULL,
    unlock_trigger text NOT NULL
        CONSTRAINT lib_chapters_unlock_trigger CHECK (unlock_trigger IN ('none', 'date', 'entries', 'progress')),
    unlock_at timestamptz,
    unlock_threshold integer CONSTRAINT lib_chapters_unlock_threshold CHECK (unlock_threshold > 0),
    unlocked_at timestamptz,
    entry_count integer NOT NULL CONSTRAINT lib_chapters_entry_count CHECK (entry_count >= 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    CONSTRAINT lib_chapters_one_at_a_place EXCLUDE USING btree (book_id WITH =, sort_order WITH =)
        WHERE (deleted_at IS NULL) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT lib_chapters_locked CHECK (is_locked = (unlock_trigger <> 'none' AND unlocked_at IS NULL)),
    CONSTRAINT lib_chapters_date CHECK ((unlock_trigger = 'date') = (unlock_at IS NOT NULL)),
    CONSTRAINT lib_chapters_threshold CHECK ((unlock_trigger IN ('entries', 'progress')) = (unlock_threshold IS NOT NULL))
);

CREATE INDEX lib_chapters_of_user ON lib_chapters (user_id);
CREATE INDEX lib_chapters_of_book ON lib_chapters (book_id);
CREATE INDEX lib_chapters_waiting ON lib_chapters (id) WHERE is_locked AND deleted_at IS NULL;

COMMENT ON TABLE lib_chapters IS 'Chapters of books. A locked one takes no entries yet.';
COMMENT ON COLUMN lib_chapters.id IS 'UUIDv7. Writer: POST /api/books/{id}/chapters.';
COMMENT ON COLUMN lib_chapters.user_id IS 'The book''s owner. Writer: POST /api/books/{id}/chapters.';
COMMENT ON COLUMN lib_chapters.book_id IS 'The book. Writer: POST /api/books/{id}/chapters.';
COMMENT ON COLUMN lib_chapters.title IS 'Title. Writer: POST and PATCH of chapters.';
COMMENT ON COLUMN lib_chapters.description IS 'A few words about it; null without them. Writer: POST and PATCH of chapters.';
COMMENT ON COLUMN lib_chapters.sort_order IS 'Its place among the book''s live chapters; there may be gaps. Writer: POST (the end), PUT .../chapters/order.';
COMMENT ON COLUMN lib_chapters.is_locked IS 'Whether it waits for its trigger. Writer: POST; reading it and the job user.unlock-chapters.';
COMMENT ON COLUMN lib_chapters.unlock_trigger IS 'What unlocks it. Writer: POST /api/books/{id}/chapters.';
COMMENT ON COLUMN lib_chapters.unlock_at IS 'For the trigger date: from when; null for others. Writer: POST /api/books/{id}/chapters.';
COMMENT ON COLUMN lib_chapters.unlock_threshold IS 'For entries: how many the book must have; for progress: per cent of the book that its owner must have read; null for others. Writer: POST /api/books/{id}/chapters.';
COMMENT ON COLUMN lib_chapters.unlocked_at IS 'When its trigger was seen to hold; null before, and without a trigger. Writer: as is_locked.';
COMMENT ON COLUMN lib_chapters.entry_count IS 'Live entries. Writer: making, moving and deleting an entry.';
COMMENT ON COLUMN lib_chapters.created_at IS 'When it was made. Writer: the database, with POST.';
COMMENT ON COLUMN lib_chapters.updated_at IS 'When it, its place or its count last changed. Writer: the database, with POST; every change after.';
COMMENT ON COLUMN lib_chapters.deleted_at IS 'When it or its book was deleted; null while it lives. Writer: DELETE of chapters and books.';

CREATE TABLE lib_entries (
    id uuid CONSTRAINT lib_entries_pkey PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT lib_entries_account_fkey REFERENCES usr_accounts (id),
    book_id uuid NOT NULL CONSTRAINT lib_entries_book_fkey REFERENCES lib_books (id),
    chapter_id uuid NOT NULL CONSTRAINT lib_entries_chapter_fkey REFERENCES lib_chapters (id),
    content text NOT NULL CONSTRAINT lib_entries_content CHECK (char_length(content) BETWEEN 1 AND 100000),
    entry_type text NOT NULL CONSTRAINT lib_entries_type CHECK (entry_type IN
        ('reflection', 'prompt', 'gratitude', 'dream', 'goal', 'excerpt', 'bookmark')),
    sort_order integer NOT NULL CONSTRAINT lib_entries_sort_order CHECK (sort_order >= 0),
    mood_context text CONSTRAINT lib_entries_mood_context CHECK (char_length(mood_context) <= 50),
    tags text[] NOT NULL CONSTRAINT lib_entries_tags CHECK (cardinality(tags) <= 50),
    user_date timestamptz,
    source_title text CONSTRAINT lib_entries_source_title CHECK (char_length(source_title) <= 255),
    source_author text CONSTRAINT lib_entries_source_author CHECK (char_length(source_author) <= 255),
    source_chapter text CONSTRAINT lib_entries_source_chapter CHECK (char_length(source_chapter) <= 255),
    attribution text CONSTRAINT lib_entries_attribution CHECK (char_length(attribution) <= 500),
    music_hints text[] NOT NULL CONSTRAINT lib_entries_music_hints CHECK (cardinality(music_hints) <= 20),
    metadata jsonb NOT NULL,
    occurred_at timestamptz NOT NULL GENERATED ALWAYS AS (coalesce(user_date, created_at)) STORED,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    CONSTRAINT lib_entries_one_at_a_place EXCLUDE USING btree (chapter_id WITH =, sort_order WITH =)
        WHERE (deleted_at IS NULL) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX lib_entries_of_user ON lib_entries (user_id, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX lib_entries_by_time ON lib_entries (user_id, occurred_at) WHERE deleted_at IS NULL;
CREATE INDEX lib_entries_of_book ON lib_entries (book_id);
CREATE INDEX lib_entries_of_chapter ON lib_entries (chapter_id);
CREATE INDEX lib_entries_by_words ON lib_entries USING gin (to_tsvector('simple', lib_fold(content)))
    WHERE deleted_at IS NULL;

COMMENT ON TABLE lib_entries IS 'Entries: what people write, and what they copy out of other books.';
COMMENT ON COLUMN lib_entries.id IS 'UUIDv7. Writer: POST /api/entries.';
COMMENT ON COLUMN lib_entries.user_id IS 'The owner of its book. Writer: POST /api/entries.';
COMMENT ON COLUMN lib_entries.book_id IS 'The book of its chapter. Writer: POST and PATCH /api/entries.';
COMMENT ON COLUMN lib_entries.chapter_id IS 'The chapter. Writer: POST and PATCH /api/entries.';
COMMENT ON COLUMN lib_entries.content IS 'The text. Writer: POST and PATCH /api/entries.';
COMMENT ON COLUMN lib_entries.entry_type IS 'What it is; excerpts and bookmarks are not the person''s own words. Writer: POST and PATCH /api/entries.';
COMMENT ON COLUMN lib_entries.sort_order IS 'Its place among the chapter''s live entries; there may be gaps. Writer: POST (the end), PATCH into another chapter (the end), PUT .../entries/order.';
COMMENT ON COLUMN lib_entries.mood_context IS 'The person''s word for the mood; null when none was said. Writer: POST and PATCH /api/entries.';
COMMENT ON COLUMN lib_entries.tags IS 'The person''s tags. Writer: POST and PATCH /api/entries.';
COMMENT ON COLUMN lib_entries.user_date IS 'When it happened, as the person says; null means when it was written. Writer: POST and PATCH /api/entries.';
COMMENT ON COLUMN lib_entries.source_title IS 'What it was copied out of; null for own words. Writer: POST and PATCH /api/entries.';
COMMENT ON COLUMN lib_entries.source_author IS 'Who wrote that; null when it was not said. Writer: POST and PATCH /api/entries.';
COMMENT ON COLUMN lib_entries.source_chapter IS 'Where in it; null when it was not said. Writer: POST and PATCH /api/entries.';
COMMENT ON COLUMN lib_entries.attribution IS 'How the source is to be named; null when it was not said. Writer: POST and PATCH /api/entries.';
COMMENT ON COLUMN lib_entries.music_hints IS 'Music that goes with it, in the person''s words. Writer: POST and PATCH /api/entries.';
COMMENT ON COLUMN lib_entries.metadata IS 'What the client keeps with it. Writer: POST and PATCH /api/entries.';
COMMENT ON COLUMN lib_entries.occurred_at IS 'user_date, else created_at: the time that analysis goes by. Writer: the database.';
COMMENT ON COLUMN lib_entries.created_at IS 'When it was written. Writer: the database, with POST /api/entries.';
COMMENT ON COLUMN lib_entries.updated_at IS 'When it last changed. Writer: the database, with POST /api/entries; every change after.';
COMMENT ON COLUMN lib_entries.deleted_at IS 'When it, its chapter or its book was deleted; null while it lives. Writer: their DELETE.';

CREATE TABLE lib_entry_themes (
    user_id uuid NOT NULL,
    entry_id uuid NOT NULL CONSTRAINT lib_entry_themes_entry_fkey REFERENCES lib_entries (id),
    theme text NOT NULL CONSTRAINT lib_entry_themes_theme CHECK (char_length(theme) BETWEEN 1 AND 100),
    source text NOT NULL CONSTRAINT lib_entry_themes_source CHECK (source IN ('client', 'tag', 'lexicon', 'keyword')),
    weight double precision NOT NULL CONSTRAINT lib_entry_themes_weight CHECK (weight > 0 AND weight <= 1),
    CONSTRAINT lib_entry_themes_pkey PRIMARY KEY (user_id, entry_id, theme)
);

CREATE INDEX lib_entry_themes_of_entry ON lib_entry_themes (entry_id);

COMMENT ON TABLE lib_entry_themes IS 'What live entries are about: the events that theme frequencies are counted from.';
COMMENT ON COLUMN lib_entry_themes.user_id IS 'The entry''s owner. Writer: POST and PATCH /api/entries.';
COMMENT ON COLUMN lib_entry_themes.entry_id IS 'The entry. Writer: POST and PATCH /api/entries; DELETE takes the row away.';
COMMENT ON COLUMN lib_entry_themes.theme IS 'Theme, in lower case. Writer: POST and PATCH /api/entries.';
COMMENT ON COLUMN lib_entry_themes.source IS 'Where it comes from, the strongest first: the client, a tag, the lexicon, a keyword. Writer: POST and PATCH /api/entries.';
COMMENT ON COLUMN lib_entry_themes.weight IS 'How much of the entry it is, above 0 to 1. Writer: POST and PATCH /api/entries.';

CREATE TABLE lib_illustrations (
    id uuid CONSTRAINT lib_illustrations_pkey PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT lib_illustrations_account_fkey REFERENCES usr_accounts (id),
    book_id uuid CONSTRAINT lib_illustrations_book_fkey REFERENCES lib_books (id),
    chapter_id uuid CONSTRAINT lib_illustrations_chapter_fkey REFERENCES lib_chapters (id),
    entry_id uuid CONSTRAINT lib_illustrations_entry_fkey REFERENCES lib_entries (id),
    file_id uuid NOT NULL,
    alt_text text CONSTRAINT lib_illustrations_alt_text CHECK (char_length(alt_text) <= 1000),
    illustration_type text NOT NULL CONSTRAINT lib_illustrations_type
        CHECK (illustration_type IN ('picture', 'photo', 'drawing', 'diagram', 'other')),
    sort_order integer NOT NULL CONSTRAINT lib_illustrations_sort_order CHECK (sort_order >= 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT lib_illustrations_one_parent CHECK (num_nonnulls(book_id, chapter_id, entry_id) = 1)
);

CREATE INDEX lib_illustrations_of_user ON lib_illustrations (user_id);
CREATE INDEX lib_illustrations_of_book ON lib_illustrations (book_id, sort_order);
CREATE INDEX lib_illustrations_of_chapter ON lib_illustrations (chapter_id, sort_order);
CREATE INDEX lib_illustrations_of_entry ON lib_illustrations (entry_id, sort_order);

COMMENT ON TABLE lib_illustrations IS 'Pictures in books, chapters and entries.';
COMMENT ON COLUMN lib_illustrations.id IS 'UUIDv7. Writer: POST /api/books/{id}/illustrations.';
COMMENT ON COLUMN lib_illustrations.user_id IS 'The book''s owner. Writer: POST /api/books/{id}/illustrations.';
COMMENT ON COLUMN lib_illustrations.book_id IS 'The book that it illustrates as a whole; null when a chapter or an entry is its place. Writer: POST /api/books/{id}/illustrations.';
COMMENT ON COLUMN lib_illustrations.chapter_id IS 'The chapter that it illustrates; null when another is its place. Writer: POST /api/books/{id}/illustrations.';
COMMENT ON COLUMN lib_illustrations.entry_id IS 'The entry that it illustrates; null when another is its place. Writer: POST /api/books/{id}/illustrations.';
COMMENT ON COLUMN lib_illustrations.file_id IS 'A picture of storage-service. Writer: POST /api/books/{id}/illustrations.';
COMMENT ON COLUMN lib_illustrations.alt_text IS 'What it shows, in words; null when it was not said. Writer: POST /api/books/{id}/illustrations.';
COMMENT ON COLUMN lib_illustrations.illustration_type IS 'What kind of picture it is. Writer: POST /api/books/{id}/illustrations.';
COMMENT ON COLUMN lib_illustrations.sort_order IS 'Its place among those of its parent; there may be gaps. Writer: POST /api/books/{id}/illustrations (the end).';
COMMENT ON COLUMN lib_illustrations.created_at IS 'When it was put there. Writer: the database, with POST.';

CREATE TABLE lib_user_library (
    user_id uuid NOT NULL CONSTRAINT lib_user_library_account_fkey REFERENCES usr_accounts (id),
    book_id uuid NOT NULL CONSTRAINT lib_user_library_book_fkey REFERENCES lib_books (id),
    last_chapter_id uuid CONSTRAINT lib_user_library_chapter_fkey REFERENCES lib_chapters (id),
    last_entry_id uuid CONSTRAINT lib_user_library_entry_fkey REFERENCES lib_entries (id),
    reading_progress double precision NOT NULL
        CONSTRAINT lib_user_library_progress CHECK (reading_progress BETWEEN 0 AND 1),
    last_accessed_at timestamptz NOT NULL DEFAULT now(),
    completed_at timestamptz,
    CONSTRAINT lib_user_library_pkey PRIMARY KEY (user_id, book_id)
);

CREATE INDEX lib_user_library_by_access ON lib_user_library (user_id, last_accessed_at DESC, book_id DESC);
CREATE INDEX lib_user_library_of_book ON lib_user_library (book_id);
CREATE INDEX lib_user_library_of_chapter ON lib_user_library (last_chapter_id);
CREATE INDEX lib_user_library_of_entry ON lib_user_library (last_entry_id);

COMMENT ON TABLE lib_user_library IS 'How far people have read.';
COMMENT ON COLUMN lib_user_library.user_id IS 'The reader. Writer: PUT /api/books/{id}/progress.';
COMMENT ON COLUMN lib_user_library.book_id IS 'The book. Writer: PUT /api/books/{id}/progress.';
COMMENT ON COLUMN lib_user_library.last_chapter_id IS 'Where the reader is; null before a chapter was named. Writer: PUT /api/books/{id}/progress.';
COMMENT ON COLUMN lib_user_library.last_entry_id IS 'The entry read last; null before one was named. Writer: PUT /api/books/{id}/progress.';
COMMENT ON COLUMN lib_user_library.reading_progress IS 'Share of the book that is read, 0 to 1. Writer: PUT /api/books/{id}/progress.';
COMMENT ON COLUMN lib_user_library.last_accessed_at IS 'When the reader was last there. Writer: PUT /api/books/{id}/progress.';
COMMENT ON COLUMN lib_user_library.completed_at IS 'When the reader first came to its end; null before. Writer: PUT /api/books/{id}/progress.';

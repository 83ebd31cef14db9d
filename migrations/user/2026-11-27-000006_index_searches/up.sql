-- Books by their words, and entries that are to be read again.
CREATE INDEX lib_books_by_words ON lib_books USING gin (to_tsvector('simple', lib_fold(
    title || ' ' || coalesce(subtitle, '') || ' ' || coalesce(author, '') || ' ' || coalesce(description, ''))))
    WHERE deleted_at IS NULL;
CREATE INDEX lib_entries_failed ON lib_entries (user_id) WHERE processing_status = 'failed' AND deleted_at IS NULL;
CREATE INDEX lib_entry_themes_by_theme ON lib_entry_themes (user_id, theme);

COMMENT ON COLUMN usr_profile_theme_frequencies.count IS 'Live own entries that mention it. Writer: every transaction that makes, changes or deletes an entry; an analysis run.';

COMMENT ON COLUMN usr_profile_theme_frequencies.count IS 'Live own entries that mention it. Writer: an analysis run.';
DROP INDEX lib_entry_themes_by_theme;
DROP INDEX lib_entries_failed;
DROP INDEX lib_books_by_words;

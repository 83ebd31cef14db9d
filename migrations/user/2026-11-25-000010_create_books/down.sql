DROP TABLE lib_user_library;
DROP TABLE lib_illustrations;
DROP TABLE lib_entry_themes;
DROP TABLE lib_entries;
DROP TABLE lib_chapters;
DROP TABLE lib_books;
ALTER TABLE usr_profiles
    DROP CONSTRAINT usr_profiles_longest_streak, DROP total_entries, DROP current_streak_days, DROP longest_streak_days;
DROP FUNCTION lib_fold(text);
DROP EXTENSION unaccent;

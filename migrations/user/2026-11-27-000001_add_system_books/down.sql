DROP INDEX lib_books_of_system_type;
ALTER TABLE lib_books DROP system_type, DROP is_read_only, DROP is_system;

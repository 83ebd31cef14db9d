-- Books that come with the service, and books that stay as they are.
ALTER TABLE lib_books
    ADD is_system boolean NOT NULL DEFAULT false,
    ADD is_read_only boolean NOT NULL DEFAULT false,
    ADD system_type text,
    ADD CONSTRAINT lib_books_system_type CHECK (system_type ~ '^[a-z0-9][a-z0-9-]{0,63}$'),
    ADD CONSTRAINT lib_books_system_type_of_system CHECK (system_type IS NULL OR is_system);
CREATE INDEX lib_books_of_system_type ON lib_books (system_type, id DESC) WHERE system_type IS NOT NULL;

COMMENT ON COLUMN lib_books.is_system IS 'Whether it comes with the service, and is not somebody''s own; librarians say so. Writer: POST and PATCH /api/books.';
COMMENT ON COLUMN lib_books.is_read_only IS 'Whether its chapters, entries and pictures stay as they are. Writer: POST and PATCH /api/books.';
COMMENT ON COLUMN lib_books.system_type IS 'What apps know a book that comes with the service for, whatever its title; null for others. Writer: POST and PATCH /api/books.';

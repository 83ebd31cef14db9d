ALTER TABLE lib_illustrations
    ADD width integer CONSTRAINT lib_illustrations_width CHECK (width > 0),
    ADD height integer CONSTRAINT lib_illustrations_height CHECK (height > 0),
    ADD CONSTRAINT lib_illustrations_size CHECK ((width IS NULL) = (height IS NULL));
CREATE INDEX lib_illustrations_of_file ON lib_illustrations (file_id);
COMMENT ON COLUMN lib_illustrations.width IS 'Pixels, as storage-service probed the picture; null until it did. Writer: POST /api/books/{id}/illustrations, POST /internal/user/events.';
COMMENT ON COLUMN lib_illustrations.height IS 'Pixels, as width. Writer: as width.';

CREATE TABLE stg_file_references (
    file_id uuid NOT NULL CONSTRAINT stg_file_references_file_fkey REFERENCES stg_files (id) ON DELETE CASCADE,
    owner_service text NOT NULL CONSTRAINT stg_file_references_service CHECK (owner_service IN ('music', 'user', 'storage')),
    owner_kind text NOT NULL CONSTRAINT stg_file_references_kind
        CHECK (owner_kind IN ('account', 'album', 'book', 'illustration', 'playlist', 'track')),
    owner_id uuid NOT NULL,
    role text NOT NULL CONSTRAINT stg_file_references_role
        CHECK (role IN ('artwork', 'avatar', 'cover', 'illustration', 'kept', 'sound')),
    created_at timestamptz NOT NULL,
    CONSTRAINT stg_file_references_pkey PRIMARY KEY (file_id, owner_service, owner_kind, owner_id, role)
);

CREATE INDEX stg_file_references_of_owner ON stg_file_references (owner_service, owner_kind, owner_id);

-- Files without a purpose of another service are their person's until the person deletes them.
INSERT INTO stg_file_references
SELECT id, 'storage', 'account', user_id, 'kept', now() FROM stg_files
WHERE status = 'active' AND category IN ('general', 'export');

COMMENT ON TABLE stg_file_references IS 'Who uses a file: as long as somebody does, it stays.';
COMMENT ON COLUMN stg_file_references.file_id IS 'The file. Writer: POST /api/storage/files; POST /internal/storage/events.';
COMMENT ON COLUMN stg_file_references.owner_service IS 'The service that knows the user of it. Writer: POST /api/storage/files; POST /internal/storage/events.';
COMMENT ON COLUMN stg_file_references.owner_kind IS 'What kind of thing uses it. Writer: POST /api/storage/files; POST /internal/storage/events.';
COMMENT ON COLUMN stg_file_references.owner_id IS 'The thing that uses it. Writer: POST /api/storage/files; POST /internal/storage/events.';
COMMENT ON COLUMN stg_file_references.role IS 'What for. Writer: POST /api/storage/files; POST /internal/storage/events.';
COMMENT ON COLUMN stg_file_references.created_at IS 'Since when. Writer: POST /api/storage/files; POST /internal/storage/events.';

CREATE TABLE stg_blobs (
    checksum text NOT NULL CONSTRAINT stg_blobs_checksum CHECK (checksum ~ '^[0-9a-f]{64}$'),
    storage_provider text NOT NULL CONSTRAINT stg_blobs_provider CHECK (storage_provider IN ('local')),
    storage_path text NOT NULL CONSTRAINT stg_blobs_path_key UNIQUE,
    byte_size bigint NOT NULL CONSTRAINT stg_blobs_byte_size CHECK (byte_size >= 0),
    ref_count bigint NOT NULL CONSTRAINT stg_blobs_ref_count CHECK (ref_count >= 0),
    created_at timestamptz NOT NULL,
    CONSTRAINT stg_blobs_pkey PRIMARY KEY (checksum, storage_provider)
);

COMMENT ON TABLE stg_blobs IS 'Bytes, each kept once, however many versions are made of them.';
COMMENT ON COLUMN stg_blobs.checksum IS 'SHA-256 of the bytes, in hex. Writer: POST /api/storage/files.';
COMMENT ON COLUMN stg_blobs.storage_provider IS 'Where the bytes are kept. Writer: POST /api/storage/files.';
COMMENT ON COLUMN stg_blobs.storage_path IS 'The server''s name for the bytes there. Writer: POST /api/storage/files.';
COMMENT ON COLUMN stg_blobs.byte_size IS 'How many bytes. Writer: POST /api/storage/files.';
COMMENT ON COLUMN stg_blobs.ref_count IS 'Counter: versions made of them. Writer: POST /api/storage/files, in its transaction.';
COMMENT ON COLUMN stg_blobs.created_at IS 'When they were first uploaded. Writer: POST /api/storage/files.';

CREATE TABLE stg_files (
    id uuid CONSTRAINT stg_files_pkey PRIMARY KEY,
    user_id uuid NOT NULL,
    original_name text NOT NULL CONSTRAINT stg_files_original_name CHECK (char_length(original_name) BETWEEN 1 AND 255),
    category text NOT NULL CONSTRAINT stg_files_category CHECK (category IN ('avatar', 'track', 'track-artwork',
        'album-artwork', 'playlist-artwork', 'illustration', 'export', 'general')),
    content_type text NOT NULL,
    file_size bigint NOT NULL CONSTRAINT stg_files_file_size CHECK (file_size >= 0),
    checksum text NOT NULL,
    current_version_id uuid NOT NULL,
    version_counter integer NOT NULL CONSTRAINT stg_files_version_counter CHECK (version_counter >= 1),
    tags text[] NOT NULL,
    is_public boolean NOT NULL,
    status text NOT NULL CONSTRAINT stg_files_status CHECK (status IN ('active', 'orphaned', 'deleted')),
    media jsonb,
    uploaded_at timestamptz NOT NULL,
    last_modified timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    CONSTRAINT stg_files_deleted CHECK ((status = 'deleted') = (deleted_at IS NOT NULL))
);

CREATE TABLE stg_versions (
    id uuid CONSTRAINT stg_versions_pkey PRIMARY KEY,
    file_id uuid NOT NULL CONSTRAINT stg_versions_file_fkey REFERENCES stg_files (id),
    version_number integer NOT NULL CONSTRAINT stg_versions_number CHECK (version_number >= 1),
    version_type text NOT NULL CONSTRAINT stg_versions_type
        CHECK (version_type IN ('original', 'replacement', 'regenerated', 'restored', 'variant')),
    storage_provider text NOT NULL,
    storage_path text NOT NULL,
    public_url text NOT NULL,
    content_type text NOT NULL,
    file_size bigint NOT NULL CONSTRAINT stg_versions_file_size CHECK (file_size >= 0),
    checksum text NOT NULL,
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT stg_versions_number_key UNIQUE (file_id, version_number),
    CONSTRAINT stg_versions_blob_fkey FOREIGN KEY (checksum, storage_provider) REFERENCES stg_blobs (checksum, storage_provider)
);

-- A file and its first version name each other: judged when both are there.
ALTER TABLE stg_files ADD CONSTRAINT stg_files_current_version_fkey
    FOREIGN KEY (current_version_id) REFERENCES stg_versions (id) DEFERRABLE INITIALLY DEFERRED;

CREATE INDEX stg_files_of_user ON stg_files (user_id, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX stg_files_by_checksum ON stg_files (user_id, checksum, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX stg_files_of_version ON stg_files (current_version_id);
CREATE INDEX stg_versions_of_blob ON stg_versions (checksum, storage_provider);

COMMENT ON TABLE stg_files IS 'Files: what somebody uploaded under a name, in one or more versions.';
COMMENT ON COLUMN stg_files.id IS 'UUIDv7. Writer: POST /api/storage/files.';
COMMENT ON COLUMN stg_files.user_id IS 'The owner, an account of user-service. Writer: POST /api/storage/files.';
COMMENT ON COLUMN stg_files.original_name IS 'The name it was uploaded under, without folders. Writer: POST /api/storage/files.';
COMMENT ON COLUMN stg_files.category IS 'What it is for. Writer: POST /api/storage/files.';
COMMENT ON COLUMN stg_files.content_type IS 'Media type of the current version, told from its bytes. Writer: POST /api/storage/files.';
COMMENT ON COLUMN stg_files.file_size IS 'Bytes of the current version. Writer: POST /api/storage/files.';
COMMENT ON COLUMN stg_files.checksum IS 'SHA-256 of the current version, in hex. Writer: POST /api/storage/files.';
COMMENT ON COLUMN stg_files.current_version_id IS 'The version that is served. Writer: POST /api/storage/files.';
COMMENT ON COLUMN stg_files.version_counter IS 'Counter: the highest version number ever given. Writer: POST /api/storage/files.';
COMMENT ON COLUMN stg_files.tags IS 'The owner''s tags. Writer: POST /api/storage/files.';
COMMENT ON COLUMN stg_files.is_public IS 'Whether anyone may read it. Writer: POST /api/storage/files.';
COMMENT ON COLUMN stg_files.status IS 'State of the file. Writer: POST and DELETE /api/storage/files.';
COMMENT ON COLUMN stg_files.media IS 'What the probe found in it; null where there is nothing to probe. Writer: POST /api/storage/files.';
COMMENT ON COLUMN stg_files.uploaded_at IS 'When it was first uploaded. Writer: POST /api/storage/files.';
COMMENT ON COLUMN stg_files.last_modified IS 'When its bytes last changed. Writer: POST /api/storage/files.';
COMMENT ON COLUMN stg_files.updated_at IS 'When anything of it last changed. Writer: POST and DELETE /api/storage/files.';
COMMENT ON COLUMN stg_files.deleted_at IS 'When it was deleted; null while it lives. Writer: DELETE /api/storage/files/{id}.';

COMMENT ON TABLE stg_versions IS 'Versions of files; they never change.';
COMMENT ON COLUMN stg_versions.id IS 'UUIDv7. Writer: POST /api/storage/files.';
COMMENT ON COLUMN stg_versions.file_id IS 'The file. Writer: POST /api/storage/files.';
COMMENT ON COLUMN stg_versions.version_number IS '1 is the first; no gaps, never used again. Writer: POST /api/storage/files.';
COMMENT ON COLUMN stg_versions.version_type IS 'How it came to be. Writer: POST /api/storage/files.';
COMMENT ON COLUMN stg_versions.storage_provider IS 'Where its bytes are kept. Writer: POST /api/storage/files.';
COMMENT ON COLUMN stg_versions.storage_path IS 'The server''s name for its bytes there. Writer: POST /api/storage/files.';
COMMENT ON COLUMN stg_versions.public_url IS 'Where it can be fetched, as a reference relative to the service. Writer: POST /api/storage/files.';
COMMENT ON COLUMN stg_versions.content_type IS 'Media type, told from its bytes. Writer: POST /api/storage/files.';
COMMENT ON COLUMN stg_versions.file_size IS 'Bytes. Writer: POST /api/storage/files.';
COMMENT ON COLUMN stg_versions.checksum IS 'SHA-256 of its bytes, in hex. Writer: POST /api/storage/files.';
COMMENT ON COLUMN stg_versions.created_by IS 'The account that made it. Writer: POST /api/storage/files.';
COMMENT ON COLUMN stg_versions.created_at IS 'When it was made. Writer: POST /api/storage/files.';

ALTER TABLE stg_blobs
    ADD COLUMN verified_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN corrupt_at timestamptz;
UPDATE stg_blobs SET verified_at = created_at;

CREATE INDEX stg_blobs_by_verification ON stg_blobs (verified_at, checksum);
CREATE INDEX stg_blobs_corrupt ON stg_blobs (checksum) WHERE corrupt_at IS NOT NULL;

COMMENT ON COLUMN stg_blobs.verified_at IS 'When its bytes were last hashed: when they came in, and since. Writer: POST /api/storage/files; storage.scrub-blobs.';
COMMENT ON COLUMN stg_blobs.corrupt_at IS 'When its bytes were found to be others, or gone; null while they are good, and when the same were uploaded again. Writer: storage.scrub-blobs; storage.sweep-blobs.';

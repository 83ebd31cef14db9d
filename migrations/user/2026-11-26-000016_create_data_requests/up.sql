-- Requests for everything of a person. They outlive the account: then only a hash tells whose they were.
CREATE TABLE usr_data_requests (
    id uuid CONSTRAINT usr_data_requests_pkey PRIMARY KEY,
    user_id uuid,
    person_hash bytea NOT NULL,
    kind text NOT NULL CONSTRAINT usr_data_requests_kind CHECK (kind IN ('export', 'erase')),
    status text NOT NULL CONSTRAINT usr_data_requests_status
        CHECK (status IN ('pending', 'running', 'completed', 'failed', 'expired')),
    keep_public_tracks boolean NOT NULL,
    receipt jsonb NOT NULL CONSTRAINT usr_data_requests_receipt CHECK (jsonb_typeof(receipt) = 'object'),
    receipt_token_hash bytea NOT NULL CONSTRAINT usr_data_requests_receipt_token_key UNIQUE,
    file_id uuid,
    attempts integer NOT NULL CONSTRAINT usr_data_requests_attempts CHECK (attempts >= 0),
    run_after timestamptz,
    error text,
    requested_at timestamptz NOT NULL,
    completed_at timestamptz,
    expires_at timestamptz,
    CONSTRAINT usr_data_requests_open CHECK ((status IN ('pending', 'running')) = (run_after IS NOT NULL)),
    CONSTRAINT usr_data_requests_whose CHECK (user_id IS NOT NULL OR status NOT IN ('pending', 'running'))
);

CREATE UNIQUE INDEX usr_data_requests_one_at_a_time ON usr_data_requests (person_hash, kind) WHERE status IN ('pending', 'running');
CREATE INDEX usr_data_requests_of_person ON usr_data_requests (person_hash, id DESC);
CREATE INDEX usr_data_requests_due ON usr_data_requests (run_after) WHERE run_after IS NOT NULL;
CREATE INDEX usr_data_requests_over ON usr_data_requests (expires_at) WHERE expires_at IS NOT NULL;

COMMENT ON TABLE usr_data_requests IS 'Requests for everything of a person: a copy of it, or its end.';
COMMENT ON COLUMN usr_data_requests.id IS 'UUIDv7. Writer: POST /api/privacy/export and erase.';
COMMENT ON COLUMN usr_data_requests.user_id IS 'The account; null once it is erased. Writer: POST /api/privacy/export and erase, the saga.';
COMMENT ON COLUMN usr_data_requests.person_hash IS 'SHA-256 of the account''s id: whose it is or was, for who knows the id. Writer: POST /api/privacy/export and erase.';
COMMENT ON COLUMN usr_data_requests.kind IS 'What was asked for. Writer: POST /api/privacy/export and erase.';
COMMENT ON COLUMN usr_data_requests.status IS 'How far it is. Writer: POST /api/privacy/export and erase, the saga.';
COMMENT ON COLUMN usr_data_requests.keep_public_tracks IS 'Whether what everybody may hear stays, without a name. Writer: POST /api/privacy/erase.';
COMMENT ON COLUMN usr_data_requests.receipt IS 'What each service removed and kept, by its name. Writer: the saga, POST /internal/user/events.';
COMMENT ON COLUMN usr_data_requests.receipt_token_hash IS 'SHA-256 of the token that opens the receipt, which is told once. Writer: POST /api/privacy/export and erase.';
COMMENT ON COLUMN usr_data_requests.file_id IS 'The export at storage-service, the person''s own; null without one. Writer: the saga.';
COMMENT ON COLUMN usr_data_requests.attempts IS 'How often it was tried. Writer: the saga.';
COMMENT ON COLUMN usr_data_requests.run_after IS 'When it is looked at next, by whoever is first; null when it is over. Writer: POST /api/privacy/export and erase, the saga.';
COMMENT ON COLUMN usr_data_requests.error IS 'Why the last try failed; null when none did. Writer: the saga.';
COMMENT ON COLUMN usr_data_requests.requested_at IS 'When it was made. Writer: POST /api/privacy/export and erase.';
COMMENT ON COLUMN usr_data_requests.completed_at IS 'When it was done; null before. Writer: the saga.';
COMMENT ON COLUMN usr_data_requests.expires_at IS 'When the file of an export goes (a week), or the receipt of an erasure (a year); null before it is done. Writer: the saga.';

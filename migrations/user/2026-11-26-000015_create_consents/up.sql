CREATE TABLE usr_consent_records (
    id uuid CONSTRAINT usr_consent_records_pkey PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT usr_consent_records_account_fkey REFERENCES usr_accounts (id),
    purpose text NOT NULL CONSTRAINT usr_consent_records_purpose CHECK (purpose ~ '^[a-z0-9._-]{1,64}$'),
    given boolean NOT NULL,
    policy_version text NOT NULL CONSTRAINT usr_consent_records_policy_version CHECK (char_length(policy_version) BETWEEN 1 AND 64),
    source text NOT NULL CONSTRAINT usr_consent_records_source CHECK (char_length(source) BETWEEN 1 AND 64),
    ip_address inet NOT NULL,
    recorded_at timestamptz NOT NULL,
    withdrawn_at timestamptz
);

CREATE UNIQUE INDEX usr_consent_records_one_a_purpose ON usr_consent_records (user_id, purpose) WHERE withdrawn_at IS NULL;
CREATE INDEX usr_consent_records_of_user ON usr_consent_records (user_id, id DESC);

COMMENT ON TABLE usr_consent_records IS 'What people agreed to or refused; at most one decision holds for a purpose, the others are kept.';
COMMENT ON COLUMN usr_consent_records.id IS 'UUIDv7. Writer: POST /api/consents.';
COMMENT ON COLUMN usr_consent_records.user_id IS 'Who decided. Writer: POST /api/consents.';
COMMENT ON COLUMN usr_consent_records.purpose IS 'What for. Writer: POST /api/consents.';
COMMENT ON COLUMN usr_consent_records.given IS 'Whether the person agreed. Writer: POST /api/consents.';
COMMENT ON COLUMN usr_consent_records.policy_version IS 'Which wording was shown. Writer: POST /api/consents.';
COMMENT ON COLUMN usr_consent_records.source IS 'Where in the app; api when nobody said. Writer: POST /api/consents.';
COMMENT ON COLUMN usr_consent_records.ip_address IS 'Address of the caller, past trusted proxies. Writer: POST /api/consents.';
COMMENT ON COLUMN usr_consent_records.recorded_at IS 'When. Writer: POST /api/consents.';
COMMENT ON COLUMN usr_consent_records.withdrawn_at IS 'Since when it no longer holds; null while it does. Writer: DELETE /api/consents/{id}, POST /api/consents for the same purpose.';

CREATE TABLE stg_grant_uses (
    grant_id uuid CONSTRAINT stg_grant_uses_pkey PRIMARY KEY,
    file_id uuid NOT NULL,
    uses integer NOT NULL CONSTRAINT stg_grant_uses_uses CHECK (uses >= 1),
    expires_at timestamptz NOT NULL
);

CREATE INDEX stg_grant_uses_by_end ON stg_grant_uses (expires_at);

COMMENT ON TABLE stg_grant_uses IS 'How often grants were used that may be used so many times, until they expire.';
COMMENT ON COLUMN stg_grant_uses.grant_id IS 'The grant (its jti). Writer: GET of bytes with a grant.';
COMMENT ON COLUMN stg_grant_uses.file_id IS 'The file that it opens. Writer: GET of bytes with a grant.';
COMMENT ON COLUMN stg_grant_uses.uses IS 'Times that it was used; no row when it never was. Writer: GET of bytes with a grant.';
COMMENT ON COLUMN stg_grant_uses.expires_at IS 'When the grant ends, and this row with it. Writer: GET of bytes with a grant.';

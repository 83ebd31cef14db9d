-- Guests that became part of accounts: what other services tell of them later is the account's.
CREATE TABLE usr_guest_merges (
    guest_id uuid CONSTRAINT usr_guest_merges_pkey PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT usr_guest_merges_account_fkey REFERENCES usr_accounts (id),
    merged_at timestamptz NOT NULL
);

CREATE INDEX usr_guest_merges_of_user ON usr_guest_merges (user_id);

COMMENT ON TABLE usr_guest_merges IS 'Guests that became part of accounts.';
COMMENT ON COLUMN usr_guest_merges.guest_id IS 'The guest, whose account is gone. Writer: POST /api/auth/guest/convert.';
COMMENT ON COLUMN usr_guest_merges.user_id IS 'The account. Writer: POST /api/auth/guest/convert.';
COMMENT ON COLUMN usr_guest_merges.merged_at IS 'When. Writer: POST /api/auth/guest/convert.';

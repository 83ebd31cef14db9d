-- Guests, and what else there is to know of an account.
ALTER TABLE usr_accounts
    ALTER COLUMN email DROP NOT NULL,
    ALTER COLUMN password_hash DROP NOT NULL,
    ADD COLUMN is_guest boolean NOT NULL DEFAULT false,
    ADD COLUMN email_verified boolean NOT NULL DEFAULT false,
    ADD COLUMN avatar_file_id uuid,
    ADD COLUMN preferences jsonb NOT NULL DEFAULT '{}'
        CONSTRAINT usr_accounts_preferences CHECK (jsonb_typeof(preferences) = 'object'),
    ADD COLUMN last_seen_at timestamptz,
    ADD COLUMN created_by uuid,
    ADD COLUMN updated_by uuid,
    ADD COLUMN deleted_at timestamptz,
    ADD CONSTRAINT usr_accounts_guest CHECK (is_guest = (email IS NULL) AND is_guest = (password_hash IS NULL)),
    ADD CONSTRAINT usr_accounts_verified CHECK (NOT (is_guest AND email_verified)),
    ADD CONSTRAINT usr_accounts_deleted CHECK ((status = 'deleted') = (deleted_at IS NOT NULL));

CREATE INDEX usr_accounts_changed_by_others ON usr_accounts (updated_by) WHERE updated_by <> id;

COMMENT ON COLUMN usr_accounts.id IS 'UUIDv7. Writer: POST /api/auth/register and guest, refrain user create.';
COMMENT ON COLUMN usr_accounts.email IS 'Address, unique whatever its case; null for guests. Writer: POST /api/auth/register and guest/convert, refrain user create.';
COMMENT ON COLUMN usr_accounts.password_hash IS 'Argon2id in the PHC string format; null for guests. Writer: POST /api/auth/register, guest/convert, password and password-reset/confirm, refrain user create and password.';
COMMENT ON COLUMN usr_accounts.is_guest IS 'Whether it has neither address nor password. Writer: POST /api/auth/guest, guest/convert.';
COMMENT ON COLUMN usr_accounts.email_verified IS 'Whether a mail to the address is known to have reached its person. Writer: POST /api/auth/password-reset/confirm.';
COMMENT ON COLUMN usr_accounts.avatar_file_id IS 'A picture of the person''s at storage-service; null without one. Writer: PATCH /api/users/{id}.';
COMMENT ON COLUMN usr_accounts.preferences IS 'What the app keeps with the account, an object. Writer: PATCH /api/users/{id}.';
COMMENT ON COLUMN usr_accounts.last_login_at IS 'Last login with the password; null before the first. Writer: POST /api/auth/login, guest/convert into an account that is there.';
COMMENT ON COLUMN usr_accounts.last_seen_at IS 'When tokens were last given to it, to five minutes; null for one that was made in the shell and never used. Writer: register, login, guest, refresh, the exchange of an API key.';
COMMENT ON COLUMN usr_accounts.created_by IS 'Who made it: itself; null from the shell. Writer: POST /api/auth/register and guest.';
COMMENT ON COLUMN usr_accounts.updated_by IS 'Who last changed it; null from the shell, and when that account is gone. Writer: as updated_at.';
COMMENT ON COLUMN usr_accounts.updated_at IS 'When it was last changed; a login does not move it. Writer: POST /api/auth/register, guest, guest/convert, password and password-reset/confirm, PATCH /api/users/{id} and /api/admin/users/{id}, POST /api/privacy/erase, refrain user.';
COMMENT ON COLUMN usr_accounts.status IS 'Whether it may log in; deleted between the wish to be erased and the erasure, which removes the row. Writer: POST /api/auth/register and guest (always active), refrain user create, PATCH /api/admin/users/{id}, POST /api/privacy/erase.';
COMMENT ON COLUMN usr_accounts.deleted_at IS 'Since when it is about to be erased; null else. Writer: POST /api/privacy/erase.';

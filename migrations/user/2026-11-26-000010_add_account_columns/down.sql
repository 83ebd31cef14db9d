-- Guests become accounts that nobody can log in to.
ALTER TABLE usr_accounts DROP CONSTRAINT usr_accounts_guest;
UPDATE usr_accounts SET email = id || '@guest.invalid', password_hash = '' WHERE is_guest;
ALTER TABLE usr_accounts
    DROP CONSTRAINT usr_accounts_deleted,
    DROP CONSTRAINT usr_accounts_verified,
    DROP COLUMN deleted_at,
    DROP COLUMN updated_by,
    DROP COLUMN created_by,
    DROP COLUMN last_seen_at,
    DROP COLUMN preferences,
    DROP COLUMN avatar_file_id,
    DROP COLUMN email_verified,
    DROP COLUMN is_guest,
    ALTER COLUMN password_hash SET NOT NULL,
    ALTER COLUMN email SET NOT NULL;

COMMENT ON COLUMN usr_accounts.id IS 'UUIDv7. Writer: POST /api/auth/register, refrain user create.';
COMMENT ON COLUMN usr_accounts.email IS 'Address, unique whatever its case. Writer: POST /api/auth/register, refrain user create.';
COMMENT ON COLUMN usr_accounts.password_hash IS 'Argon2id in the PHC string format. Writer: POST /api/auth/register, refrain user create and password, POST /api/auth/password.';
COMMENT ON COLUMN usr_accounts.last_login_at IS 'Last login with the password; null before the first. Writer: POST /api/auth/login.';
COMMENT ON COLUMN usr_accounts.updated_at IS 'When it was last changed; a login does not move it. Writer: POST /api/auth/register, PATCH /api/users/{id}, refrain user.';
COMMENT ON COLUMN usr_accounts.status IS 'Whether it may log in. Writer: POST /api/auth/register (always active), refrain user create, PATCH /api/admin/users/{id}.';

CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA public;

CREATE TABLE usr_accounts (
    id uuid CONSTRAINT usr_accounts_pkey PRIMARY KEY,
    email citext NOT NULL CONSTRAINT usr_accounts_email_key UNIQUE,
    password_hash text NOT NULL,
    display_name text NOT NULL CONSTRAINT usr_accounts_display_name CHECK (char_length(display_name) BETWEEN 1 AND 100),
    role text NOT NULL CONSTRAINT usr_accounts_role CHECK (role IN ('user', 'librarian', 'admin')),
    status text NOT NULL CONSTRAINT usr_accounts_status CHECK (status IN ('active', 'suspended', 'deleted')),
    timezone text NOT NULL,
    language text NOT NULL,
    last_login_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

COMMENT ON TABLE usr_accounts IS 'Accounts: people who can log in.';
COMMENT ON COLUMN usr_accounts.id IS 'UUIDv7. Writer: POST /api/auth/register, refrain user create.';
COMMENT ON COLUMN usr_accounts.email IS 'Address, unique whatever its case. Writer: POST /api/auth/register, refrain user create.';
COMMENT ON COLUMN usr_accounts.password_hash IS 'Argon2id in the PHC string format. Writer: POST /api/auth/register, refrain user create and password.';
COMMENT ON COLUMN usr_accounts.display_name IS 'The name that others see. Writer: POST /api/auth/register, PATCH /api/users/{id}, refrain user create.';
COMMENT ON COLUMN usr_accounts.role IS 'What the account may do. Writer: POST /api/auth/register (always user), refrain user create and role.';
COMMENT ON COLUMN usr_accounts.status IS 'Whether it may log in. Writer: POST /api/auth/register (always active), refrain user create.';
COMMENT ON COLUMN usr_accounts.timezone IS 'IANA zone in which this person''s days begin. Writer: POST /api/auth/register, PATCH /api/users/{id}, refrain user create.';
COMMENT ON COLUMN usr_accounts.language IS 'BCP 47 tag. Writer: POST /api/auth/register, PATCH /api/users/{id}, refrain user create.';
COMMENT ON COLUMN usr_accounts.last_login_at IS 'Last login with the password; null before the first. Writer: POST /api/auth/login.';
COMMENT ON COLUMN usr_accounts.created_at IS 'When it was made. Writer: POST /api/auth/register, refrain user create.';
COMMENT ON COLUMN usr_accounts.updated_at IS 'When it was last changed; a login does not move it. Writer: POST /api/auth/register, PATCH /api/users/{id}, refrain user.';

CREATE TABLE usr_profiles (
    user_id uuid CONSTRAINT usr_profiles_pkey PRIMARY KEY
        CONSTRAINT usr_profiles_account_fkey REFERENCES usr_accounts (id),
    bio text CONSTRAINT usr_profiles_bio CHECK (char_length(bio) <= 2000),
    onboarding_initialized boolean NOT NULL,
    last_visited_route text CONSTRAINT usr_profiles_last_visited_route CHECK (char_length(last_visited_route) <= 500),
    last_updated timestamptz NOT NULL
);

COMMENT ON TABLE usr_profiles IS 'Profiles: what a person says of themself; one for each account.';
COMMENT ON COLUMN usr_profiles.user_id IS 'The account. Writer: POST /api/auth/register, refrain user create.';
COMMENT ON COLUMN usr_profiles.bio IS 'A few words about oneself; null when none were given. Writer: PATCH /api/profiles/{userId}.';
COMMENT ON COLUMN usr_profiles.onboarding_initialized IS 'Whether the app''s introduction is behind this person. Writer: PATCH /api/profiles/{userId}.';
COMMENT ON COLUMN usr_profiles.last_visited_route IS 'The app''s screen that was open last; null before the first. Writer: PATCH /api/profiles/{userId}.';
COMMENT ON COLUMN usr_profiles.last_updated IS 'When the profile last changed. Writer: POST /api/auth/register, PATCH /api/profiles/{userId}.';

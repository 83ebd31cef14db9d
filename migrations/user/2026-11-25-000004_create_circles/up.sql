-- The circle of a creator: who sees and hears what the creator shares.
CREATE TABLE usr_invitations (
    id uuid CONSTRAINT usr_invitations_pkey PRIMARY KEY,
    creator_id uuid NOT NULL CONSTRAINT usr_invitations_creator_fkey REFERENCES usr_accounts (id),
    token_hash bytea NOT NULL CONSTRAINT usr_invitations_token_key UNIQUE,
    max_uses integer NOT NULL CONSTRAINT usr_invitations_max_uses CHECK (max_uses BETWEEN 1 AND 1000),
    use_count integer NOT NULL CONSTRAINT usr_invitations_use_count CHECK (use_count BETWEEN 0 AND max_uses),
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    revoked_at timestamptz
);

CREATE INDEX usr_invitations_of_creator ON usr_invitations (creator_id, id DESC);

CREATE TABLE usr_invitation_uses (
    invitation_id uuid NOT NULL CONSTRAINT usr_invitation_uses_invitation_fkey REFERENCES usr_invitations (id),
    member_id uuid NOT NULL CONSTRAINT usr_invitation_uses_member_fkey REFERENCES usr_accounts (id),
    used_at timestamptz NOT NULL,
    CONSTRAINT usr_invitation_uses_pkey PRIMARY KEY (invitation_id, member_id)
);

CREATE INDEX usr_invitation_uses_of_member ON usr_invitation_uses (member_id);

CREATE TABLE usr_creator_members (
    creator_id uuid NOT NULL CONSTRAINT usr_creator_members_creator_fkey REFERENCES usr_accounts (id),
    member_id uuid NOT NULL CONSTRAINT usr_creator_members_member_fkey REFERENCES usr_accounts (id),
    status text NOT NULL CONSTRAINT usr_creator_members_status CHECK (status IN ('accepted', 'revoked')),
    invitation_id uuid NOT NULL CONSTRAINT usr_creator_members_invitation_fkey REFERENCES usr_invitations (id),
    accepted_at timestamptz NOT NULL,
    revoked_at timestamptz,
    CONSTRAINT usr_creator_members_pkey PRIMARY KEY (creator_id, member_id),
    CONSTRAINT usr_creator_members_others CHECK (creator_id <> member_id),
    CONSTRAINT usr_creator_members_revoked CHECK ((status = 'revoked') = (revoked_at IS NOT NULL))
);

CREATE INDEX usr_creator_members_of_member ON usr_creator_members (member_id, creator_id);
CREATE INDEX usr_creator_members_of_invitation ON usr_creator_members (invitation_id);

COMMENT ON TABLE usr_invitations IS 'Invitations into a circle: whoever has the token may join.';
COMMENT ON COLUMN usr_invitations.id IS 'UUIDv7. Writer: POST /api/circle/invitations.';
COMMENT ON COLUMN usr_invitations.creator_id IS 'Into whose circle. Writer: POST /api/circle/invitations.';
COMMENT ON COLUMN usr_invitations.token_hash IS 'SHA-256 of the token, which is told once. Writer: POST /api/circle/invitations.';
COMMENT ON COLUMN usr_invitations.max_uses IS 'How many people may join with it. Writer: POST /api/circle/invitations.';
COMMENT ON COLUMN usr_invitations.use_count IS 'Counter: people who joined with it. Writer: POST /api/circle/join.';
COMMENT ON COLUMN usr_invitations.expires_at IS 'Until when it is good. Writer: POST /api/circle/invitations.';
COMMENT ON COLUMN usr_invitations.created_at IS 'When it was made. Writer: POST /api/circle/invitations.';
COMMENT ON COLUMN usr_invitations.revoked_at IS 'When it was taken back; null while it is good. Writer: DELETE /api/circle/invitations/{id}.';

COMMENT ON TABLE usr_invitation_uses IS 'Who joined with which invitation; nobody twice with the same.';
COMMENT ON COLUMN usr_invitation_uses.invitation_id IS 'The invitation. Writer: POST /api/circle/join.';
COMMENT ON COLUMN usr_invitation_uses.member_id IS 'Who joined. Writer: POST /api/circle/join.';
COMMENT ON COLUMN usr_invitation_uses.used_at IS 'When. Writer: POST /api/circle/join.';

COMMENT ON TABLE usr_creator_members IS 'Circles: members of now and of before. music-service has a copy of those of now.';
COMMENT ON COLUMN usr_creator_members.creator_id IS 'Whose circle. Writer: POST /api/circle/join.';
COMMENT ON COLUMN usr_creator_members.member_id IS 'Who is in it. Writer: POST /api/circle/join.';
COMMENT ON COLUMN usr_creator_members.status IS 'Whether the member is in it now. Writer: POST /api/circle/join, DELETE /api/circle/members and memberships.';
COMMENT ON COLUMN usr_creator_members.invitation_id IS 'The invitation that was last joined with. Writer: POST /api/circle/join.';
COMMENT ON COLUMN usr_creator_members.accepted_at IS 'When the member last joined. Writer: POST /api/circle/join.';
COMMENT ON COLUMN usr_creator_members.revoked_at IS 'When the membership ended; null while it lasts. Writer: DELETE /api/circle/members and memberships.';

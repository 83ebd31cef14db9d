CREATE TABLE mus_creator_members (
    creator_id uuid NOT NULL,
    member_id uuid NOT NULL,
    joined_at timestamptz NOT NULL,
    CONSTRAINT mus_creator_members_pkey PRIMARY KEY (creator_id, member_id)
);

CREATE INDEX mus_creator_members_of_member ON mus_creator_members (member_id);

COMMENT ON TABLE mus_creator_members IS 'Circles: who may hear what a creator shares. A copy of user-service''s, kept by its events.';
COMMENT ON COLUMN mus_creator_members.creator_id IS 'Whose circle. Writer: user.circle.joined.';
COMMENT ON COLUMN mus_creator_members.member_id IS 'Who is in it. Writer: user.circle.joined.';
COMMENT ON COLUMN mus_creator_members.joined_at IS 'Since when. Writer: user.circle.joined.';

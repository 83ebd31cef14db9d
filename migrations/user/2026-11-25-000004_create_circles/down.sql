DROP TABLE usr_creator_members;
DROP TABLE usr_invitation_uses;
DROP TABLE usr_invitations;

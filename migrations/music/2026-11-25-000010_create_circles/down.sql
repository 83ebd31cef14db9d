DROP TABLE mus_creator_members;

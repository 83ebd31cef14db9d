DROP TABLE mus_inbox;
DROP TABLE mus_outbox_refusals;
DROP TABLE mus_outbox;

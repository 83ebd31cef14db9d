DROP TABLE usr_inbox;
DROP TABLE usr_outbox_refusals;
DROP TABLE usr_outbox;

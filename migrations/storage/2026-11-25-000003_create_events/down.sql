DROP TABLE stg_inbox;
DROP TABLE stg_outbox_refusals;
DROP TABLE stg_outbox;

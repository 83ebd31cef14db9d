COMMENT ON COLUMN stg_outbox.taken_by IS 'Subscribers that have it. Writer: the relay.';
COMMENT ON COLUMN stg_outbox.settled_at IS 'When the last subscriber had it or it was given up, at once where nobody subscribes; null while somebody waits. Writer: the relay.';

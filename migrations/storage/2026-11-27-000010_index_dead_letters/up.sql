CREATE INDEX stg_outbox_refusals_given_up ON stg_outbox_refusals (given_up_at, event_id, subscriber) WHERE given_up_at IS NOT NULL;

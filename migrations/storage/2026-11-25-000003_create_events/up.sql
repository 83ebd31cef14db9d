-- Events that this service tells (outbox) and that it heard (inbox).
CREATE TABLE stg_outbox (
    id uuid CONSTRAINT stg_outbox_pkey PRIMARY KEY,
    seq bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    type text NOT NULL CONSTRAINT stg_outbox_type CHECK (type LIKE 'storage.%'),
    subject text NOT NULL,
    data jsonb NOT NULL CONSTRAINT stg_outbox_data CHECK (jsonb_typeof(data) = 'object'),
    occurred_at timestamptz NOT NULL,
    taken_by text[] NOT NULL,
    settled_at timestamptz
);

CREATE INDEX stg_outbox_waiting ON stg_outbox (seq) WHERE settled_at IS NULL;
CREATE INDEX stg_outbox_settled ON stg_outbox (settled_at) WHERE settled_at IS NOT NULL;

CREATE TABLE stg_outbox_refusals (
    event_id uuid NOT NULL CONSTRAINT stg_outbox_refusals_event_fkey REFERENCES stg_outbox (id) ON DELETE CASCADE,
    subscriber text NOT NULL CONSTRAINT stg_outbox_refusals_subscriber CHECK (subscriber IN ('music', 'user', 'storage')),
    attempts integer NOT NULL CONSTRAINT stg_outbox_refusals_attempts CHECK (attempts > 0),
    next_attempt_at timestamptz NOT NULL,
    last_error text NOT NULL,
    given_up_at timestamptz,
    CONSTRAINT stg_outbox_refusals_pkey PRIMARY KEY (event_id, subscriber)
);

CREATE TABLE stg_inbox (
    event_id uuid CONSTRAINT stg_inbox_pkey PRIMARY KEY,
    source text NOT NULL,
    type text NOT NULL,
    received_at timestamptz NOT NULL
);

CREATE INDEX stg_inbox_by_age ON stg_inbox (received_at);

COMMENT ON TABLE stg_outbox IS 'Events that this service tells, each in the transaction of what it tells.';
COMMENT ON COLUMN stg_outbox.id IS 'Receivers know the event by it. Writer: whoever changes what it tells.';
COMMENT ON COLUMN stg_outbox.seq IS 'The order of delivery within a subject. Writer: the database.';
COMMENT ON COLUMN stg_outbox.type IS 'What happened, a word of contracts::EventType. Writer: whoever changes what it tells.';
COMMENT ON COLUMN stg_outbox.subject IS 'Within which events are delivered in order. Writer: whoever changes what it tells.';
COMMENT ON COLUMN stg_outbox.data IS 'The payload, a JSON object as contracts::events says. Writer: whoever changes what it tells.';
COMMENT ON COLUMN stg_outbox.occurred_at IS 'When it happened. Writer: whoever changes what it tells.';
COMMENT ON COLUMN stg_outbox.taken_by IS 'Subscribers that have it. Writer: the relay.';
COMMENT ON COLUMN stg_outbox.settled_at IS 'When the last subscriber had it or it was given up, at once where nobody subscribes; null while somebody waits. Writer: the relay.';
COMMENT ON TABLE stg_outbox_refusals IS 'Events that a subscriber refused: tried again until given up.';
COMMENT ON COLUMN stg_outbox_refusals.event_id IS 'The event. Writer: the relay.';
COMMENT ON COLUMN stg_outbox_refusals.subscriber IS 'Who refused it. Writer: the relay.';
COMMENT ON COLUMN stg_outbox_refusals.attempts IS 'How often. Writer: the relay.';
COMMENT ON COLUMN stg_outbox_refusals.next_attempt_at IS 'When it is tried again. Writer: the relay.';
COMMENT ON COLUMN stg_outbox_refusals.last_error IS 'What the subscriber said. Writer: the relay.';
COMMENT ON COLUMN stg_outbox_refusals.given_up_at IS 'When it was given up; null while it is tried. Writer: the relay.';
COMMENT ON TABLE stg_inbox IS 'Events of other services that had their effect here, so that none has it twice.';
COMMENT ON COLUMN stg_inbox.event_id IS 'The event. Writer: POST /internal/storage/events, in the transaction of the effect.';
COMMENT ON COLUMN stg_inbox.source IS 'Who told it. Writer: POST /internal/storage/events.';
COMMENT ON COLUMN stg_inbox.type IS 'What it told. Writer: POST /internal/storage/events.';
COMMENT ON COLUMN stg_inbox.received_at IS 'When it had its effect. Writer: POST /internal/storage/events.';

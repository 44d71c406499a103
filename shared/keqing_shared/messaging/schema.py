"""The tables of messaging in a context's schema; running it again changes nothing."""

from keqing_shared.lease import LEASES_SCHEMA

MESSAGING_SCHEMA = (
    LEASES_SCHEMA
    + """
CREATE TABLE IF NOT EXISTS relay (
    context text PRIMARY KEY,
    log_id uuid NOT NULL DEFAULT gen_random_uuid(),
    epoch bigint NOT NULL,
    position bigint NOT NULL DEFAULT 0,
    published bigint NOT NULL DEFAULT 0
);
COMMENT ON COLUMN relay.log_id IS 'which log this is: a stream of another log is never written to';
COMMENT ON COLUMN relay.epoch IS 'of the lease of the relay that writes this row';
COMMENT ON COLUMN relay.position IS 'up to here all facts are in the stream, or are not for the others';
COMMENT ON COLUMN relay.published IS 'the last position that was published';

CREATE TABLE IF NOT EXISTS consumers (
    source text PRIMARY KEY,
    log_id uuid,
    position bigint NOT NULL DEFAULT 0
);
COMMENT ON COLUMN consumers.log_id IS 'which log of the source the position belongs to';
COMMENT ON COLUMN consumers.position IS 'the last message of the source that was taken in';

CREATE TABLE IF NOT EXISTS parked (
    source text NOT NULL,
    position bigint NOT NULL,
    customer_id uuid,
    message bytea NOT NULL,
    error text,
    attempts integer NOT NULL,
    parked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (source, position)
);
CREATE INDEX IF NOT EXISTS parked_customer ON parked (source, customer_id, position);
COMMENT ON COLUMN parked.error IS 'why it could not be taken in; null: it waits behind one that could not';
"""
)

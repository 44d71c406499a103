"""The log's tables and its one function that appends.

``facts`` can be read by the eventsourcing library's own recorder: its five columns stand first.
"""

LOG_SCHEMA = """
CREATE TABLE IF NOT EXISTS facts (
    originator_id      uuid NOT NULL,
    originator_version bigint NOT NULL,
    topic              text NOT NULL,
    state              bytea NOT NULL,
    notification_id    bigint PRIMARY KEY,
    customer_id        uuid,
    recorded_at        timestamptz NOT NULL,
    who                text NOT NULL,
    why                text,
    command_id         uuid NOT NULL,
    correlation_id     text NOT NULL,
    causation_id       text,
    hash               bytea NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS facts_of_stream ON facts (originator_id, originator_version);
CREATE INDEX IF NOT EXISTS facts_of_customer ON facts (customer_id, notification_id)
    WHERE customer_id IS NOT NULL;

-- Lock, counter and head of the hash chain in one row: whoever holds it appends.
CREATE TABLE IF NOT EXISTS log_head (
    single   boolean PRIMARY KEY DEFAULT true CHECK (single),
    position bigint NOT NULL,
    hash     bytea NOT NULL
) WITH (fillfactor = 10);
INSERT INTO log_head (position, hash) VALUES (0, decode(repeat('00', 32), 'hex')) ON CONFLICT DO NOTHING;

-- What a repeated command is answered with.
CREATE TABLE IF NOT EXISTS receipts (
    key         text PRIMARY KEY,
    fingerprint bytea NOT NULL,
    position    bigint NOT NULL,
    receipt     bytea NOT NULL,
    recorded_at timestamptz NOT NULL
);

-- Names that must stay unique, and which stream holds each. Where there are keys, the name is hashed by one.
CREATE TABLE IF NOT EXISTS claims (
    scope  text NOT NULL,
    key    text NOT NULL,
    holder uuid NOT NULL,
    PRIMARY KEY (scope, key)
);

-- What is asked of many at once is found by index, also in a session that made its plan while the tables
-- were small.
CREATE OR REPLACE FUNCTION holders_of(scopes text[], keys text[])
    RETURNS TABLE (scope text, key text, holder uuid)
    LANGUAGE sql STABLE SET enable_seqscan = off
    AS 'SELECT c.scope, c.key, c.holder FROM unnest(scopes, keys) AS n(scope, key)
         CROSS JOIN LATERAL (SELECT * FROM claims c WHERE c.scope = n.scope AND c.key = n.key OFFSET 0) c';
CREATE OR REPLACE FUNCTION versions_of(streams uuid[]) RETURNS TABLE (originator_id uuid, version bigint)
    LANGUAGE sql STABLE SET enable_seqscan = off
    AS 'SELECT f.originator_id, max(f.originator_version) FROM facts f WHERE f.originator_id = ANY (streams)
         GROUP BY f.originator_id';
CREATE OR REPLACE FUNCTION pasts_of(streams uuid[])
    RETURNS TABLE (originator_id uuid, originator_version bigint, topic text, state bytea)
    LANGUAGE sql STABLE SET enable_seqscan = off
    AS 'SELECT f.originator_id, f.originator_version, f.topic, f.state FROM facts f
         WHERE f.originator_id = ANY (streams) ORDER BY f.originator_id, f.originator_version';

-- States of long streams, to spare reading their facts again. Disposable: may all be deleted at any time.
CREATE TABLE IF NOT EXISTS snapshots (
    originator_id      uuid NOT NULL,
    aggregate          text NOT NULL,
    originator_version bigint NOT NULL,
    snapshot_version   text NOT NULL,
    state              bytea NOT NULL,
    customer_id        uuid,
    taken_at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (originator_id, aggregate)
);
CREATE INDEX IF NOT EXISTS snapshots_of_customer ON snapshots (customer_id) WHERE customer_id IS NOT NULL;
COMMENT ON COLUMN snapshots.originator_version IS 'of the last fact in it';
COMMENT ON COLUMN snapshots.snapshot_version IS 'of the code that made it; other code ignores it';

-- Per request: keys .. causations. Per fact: requests .. digests, each naming its request by index.
-- Per claim: claim_requests .. claim_kinds ('e' exclusive, 's' shared if taken, 'r' release).
-- Per stream that a request was decided upon without writing to it: upon_requests .. upon_versions.
-- Within one call no stream version, key or claim occurs twice, and no request writes what another was
-- decided upon: the caller sees to it.
-- A request is appended whole or, as one of conflicts / repeats / takens, not at all.
-- What is looked up is looked up by its index, one by one (OFFSET 0 keeps it so): a plan made while the
-- tables were small would read them whole, and be kept when they have grown.
CREATE OR REPLACE FUNCTION append_facts(
    keys text[], fingerprints bytea[], receipt_bodies bytea[], times timestamptz[],
    whos text[], commands uuid[], correlations text[], causations text[],
    requests int[], originators uuid[], versions bigint[], topics text[], states bytea[], customers uuid[],
    whys text[], digests bytea[],
    claim_requests int[], claim_scopes text[], claim_keys text[], claim_holders uuid[], claim_kinds text[],
    upon_requests int[], upon_originators uuid[], upon_versions bigint[],
    OUT positions bigint[], OUT head bigint, OUT conflicts int[],
    OUT repeats int[], OUT repeat_fingerprints bytea[],
    OUT repeat_positions bigint[], OUT repeat_receipts bytea[],
    OUT takens int[], OUT taken_scopes text[], OUT taken_keys text[], OUT taken_holders uuid[]
)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET enable_bitmapscan = off
AS $$
DECLARE
    chain bytea;
    before bigint;
    hashes bytea[];
    left_out int[];
BEGIN
    SELECT h.position, h.hash INTO before, chain FROM log_head h FOR UPDATE;
    head := before;
    positions := array_fill(NULL::bigint, ARRAY[coalesce(cardinality(requests), 0)]);
    hashes := array_fill(NULL::bytea, ARRAY[coalesce(cardinality(requests), 0)]);

    IF keys IS NOT NULL THEN
        SELECT array_agg(k.request), array_agg(r.fingerprint), array_agg(r.position), array_agg(r.receipt)
          INTO repeats, repeat_fingerprints, repeat_positions, repeat_receipts
          FROM unnest(keys) WITH ORDINALITY AS k(key, request)
         CROSS JOIN LATERAL (SELECT r.* FROM receipts r WHERE r.key = k.key OFFSET 0) r;
    END IF;
    SELECT array_agg(DISTINCT e.request) INTO conflicts
      FROM unnest(requests, originators, versions) AS e(request, originator, version)
     CROSS JOIN LATERAL (SELECT FROM facts f WHERE f.originator_id = e.originator
                            AND f.originator_version = e.version OFFSET 0) f;
    IF upon_requests IS NOT NULL THEN
        SELECT conflicts || array_agg(DISTINCT u.request) INTO conflicts
          FROM unnest(upon_requests, upon_originators, upon_versions) AS u(request, originator, version)
         CROSS JOIN LATERAL (SELECT FROM facts f WHERE f.originator_id = u.originator
                                AND f.originator_version = u.version + 1 OFFSET 0) f;
    END IF;
    IF claim_requests IS NOT NULL THEN
        SELECT array_agg(c.request), array_agg(c.scope), array_agg(c.key), array_agg(t.holder)
          INTO takens, taken_scopes, taken_keys, taken_holders
          FROM unnest(claim_requests, claim_scopes, claim_keys, claim_holders, claim_kinds)
               AS c(request, scope, key, holder, kind)
         CROSS JOIN LATERAL (SELECT t.holder FROM claims t
                              WHERE t.scope = c.scope AND t.key = c.key OFFSET 0) t
         WHERE c.kind = 'e' AND t.holder <> c.holder;
    END IF;
    left_out := coalesce(conflicts, '{}') || coalesce(repeats, '{}') || coalesce(takens, '{}');

    FOR i IN 1 .. coalesce(cardinality(requests), 0) LOOP
        IF cardinality(left_out) = 0 OR NOT requests[i] = ANY (left_out) THEN
            head := head + 1;
            chain := sha256(chain || int8send(head) || digests[i]);
            positions[i] := head;
            hashes[i] := chain;
        END IF;
    END LOOP;

    IF head > before THEN
        INSERT INTO facts (originator_id, originator_version, topic, state, notification_id, customer_id,
                           recorded_at, who, why, command_id, correlation_id, causation_id, hash)
        SELECT e.originator, e.version, e.topic, e.state, e.position, e.customer, times[e.request],
               whos[e.request], e.why, commands[e.request], correlations[e.request],
               causations[e.request], e.hash
          FROM unnest(requests, originators, versions, topics, states, customers, whys, positions, hashes)
               AS e(request, originator, version, topic, state, customer, why, position, hash)
         WHERE e.position IS NOT NULL;
        UPDATE log_head SET position = head, hash = chain;
    END IF;
    IF claim_requests IS NOT NULL THEN
        DELETE FROM claims WHERE ctid = ANY (ARRAY(
            SELECT t.place
              FROM unnest(claim_requests, claim_scopes, claim_keys, claim_holders, claim_kinds)
                   AS c(request, scope, key, holder, kind)
             CROSS JOIN LATERAL (SELECT t.ctid AS place, t.holder FROM claims t
                                  WHERE t.scope = c.scope AND t.key = c.key OFFSET 0) t
             WHERE c.kind = 'r' AND t.holder = c.holder AND NOT c.request = ANY (left_out)));
        INSERT INTO claims (scope, key, holder)
        SELECT c.scope, c.key, c.holder
          FROM unnest(claim_requests, claim_scopes, claim_keys, claim_holders, claim_kinds)
               AS c(request, scope, key, holder, kind)
         WHERE c.kind <> 'r' AND NOT c.request = ANY (left_out)
            ON CONFLICT DO NOTHING;
    END IF;
    IF keys IS NOT NULL THEN
        INSERT INTO receipts (key, fingerprint, position, receipt, recorded_at)
        SELECT k.key, fingerprints[k.request],
               coalesce((SELECT max(p.position) FROM unnest(requests, positions) AS p(request, position)
                          WHERE p.request = k.request), before),
               receipt_bodies[k.request], times[k.request]
          FROM unnest(keys) WITH ORDINALITY AS k(key, request)
         WHERE k.key IS NOT NULL AND NOT k.request = ANY (left_out);
    END IF;
END
$$;
"""

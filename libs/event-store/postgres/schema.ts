/** The newest version of the schema; `migrateEventStore` brings a database to it. */
export const SCHEMA_VERSION = 1;

/**
 * Key of the advisory lock under which events are appended, one transaction at a time. It is held until the commit is
 * visible, so positions are gapless and in commit order: a reader that has seen position n has seen all below it. With a
 * sequence, positions become visible out of order and a reader skips events for ever.
 */
const APPEND_LOCK = '7305526483110226503';

/** Key of the advisory lock under which the schema is migrated. */
export const MIGRATION_LOCK = '7305526483110226504';

const VERSION_1 = `
CREATE TABLE event_store.events (
  position    bigint      NOT NULL PRIMARY KEY,
  revision    bigint      NOT NULL CHECK (revision >= 0),
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  stream      text        NOT NULL COLLATE "C",
  event_id    text        NOT NULL COLLATE "C",
  type        text        NOT NULL COLLATE "C",
  hash        bytea       NOT NULL CHECK (octet_length(hash) = 32),
  payload     bytea       NOT NULL,
  UNIQUE (stream, revision)
);
-- Rows are only ever added: by default the statistics of a new table would be renewed far too late.
ALTER TABLE event_store.events SET (autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05);

CREATE FUNCTION event_store.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'event_store.events is append-only: % refused', TG_OP;
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event_store.events
  FOR EACH STATEMENT EXECUTE FUNCTION event_store.refuse_change();

-- Appends to several streams, each atomically and on its own; one row of result for each, in order. Outcomes: 'a'
-- appended, 'c' conflict (with the stream's head as revision). Events stand in the order of their streams, counts[i] of
-- them for stream i. Per event: the index of its stream (from 1), id, type, and the offset (from 1) and length of its
-- bytes in payloads; hashes are 32 bytes each, one after the other.
CREATE FUNCTION event_store.append(
  streams text[], expected bigint[], expected_hashes bytea, counts int[],
  event_streams int[], ids text[], types text[], offsets int[], lengths int[], payloads bytea, hashes bytea
) RETURNS TABLE (outcome text, revision bigint, "position" bigint)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  -- Of each stream: the index of its first event, and what is added to an event's index to make its position.
  firsts         int[]    := counts;
  shifts         bigint[] := expected;
  outcomes       text[]   := array_fill('c'::text, ARRAY[cardinality(streams)]);
  revisions      bigint[] := expected;
  positions      bigint[] := expected;
  first          int := 1;
  top            bigint;
  head           bigint;
  head_hash      bytea;
  known_position bigint;
  writes         boolean := false;
BEGIN
  PERFORM pg_advisory_xact_lock(${APPEND_LOCK});
  SELECT coalesce(max(e.position), 0) INTO top FROM event_store.events e;

  FOR i IN 1..cardinality(streams) LOOP
    firsts[i] := first;
    shifts[i] := NULL;
    SELECT e.revision, e.hash INTO head, head_hash FROM event_store.events e
      WHERE e.stream = streams[i] ORDER BY e.revision DESC LIMIT 1;
    IF NOT FOUND THEN
      head := -1;
      head_hash := decode(repeat('00', 32), 'hex');
    END IF;

    IF head = expected[i] AND head_hash = substring(expected_hashes FROM 32 * (i - 1) + 1 FOR 32) THEN
      shifts[i] := top - first + 1;
      top := top + counts[i];
      outcomes[i] := 'a';
      revisions[i] := head + counts[i];
      positions[i] := top;
      writes := true;
    ELSE
      -- A resend after a lost answer: the same ids and bytes already stand where they were to go.
      SELECT CASE WHEN count(*) = counts[i] THEN max(e.position) END INTO known_position
        FROM generate_series(first, first + counts[i] - 1) k
        JOIN event_store.events e ON e.stream = streams[i] AND e.revision = expected[i] + 1 + k - first
        WHERE e.event_id = ids[k] AND e.type = types[k]
          AND e.payload = substring(payloads FROM offsets[k] FOR lengths[k])
          AND e.hash = substring(hashes FROM 32 * (k - 1) + 1 FOR 32);
      IF known_position IS NULL THEN
        revisions[i] := head;
      ELSE
        outcomes[i] := 'a';
        revisions[i] := expected[i] + counts[i];
        positions[i] := known_position;
      END IF;
    END IF;
    first := first + counts[i];
  END LOOP;

  IF writes THEN
    INSERT INTO event_store.events (position, revision, stream, event_id, type, hash, payload)
      SELECT shifts[e.s] + e.k, expected[e.s] + 1 + e.k - firsts[e.s], streams[e.s], e.id, e.type,
             substring(hashes FROM (32 * (e.k - 1) + 1)::int FOR 32), substring(payloads FROM e.start FOR e.length)
      FROM unnest(event_streams, ids, types, offsets, lengths) WITH ORDINALITY AS e (s, id, type, start, length, k)
      WHERE shifts[e.s] IS NOT NULL;
  END IF;
  RETURN QUERY SELECT o, r, p FROM unnest(outcomes, revisions, positions) AS u (o, r, p);
END $$;
REVOKE ALL ON FUNCTION event_store.append FROM PUBLIC;
`;

/** The statements that lead from version i to version i + 1. A published step is never changed. */
export const STEPS: readonly string[] = [VERSION_1];

-- Deliveries and what they hang on. Not derived: no rebuild touches these tables, and none is sent again because a read model
-- is made anew. Times by which deliveries are due are business time; leases, budgets and what is swept are real time.

-- Business time, for the application to say why a delivery waits: it sees nothing of the clock else.
CREATE FUNCTION business_now() RETURNS timestamptz LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = daybook, pg_temp AS $$
BEGIN
  RETURN now() + (SELECT c.offset_ms FROM business_clock c) * interval '1 millisecond';
END $$;
REVOKE ALL ON FUNCTION business_now FROM PUBLIC;
GRANT EXECUTE ON FUNCTION business_now TO daybook_app;

-- What an endpoint asked for, from the revision of the event that said so until the one that said something else: an event
-- finds endpoints as they were at its own revision.
CREATE TABLE webhook_subscriptions (
  tenant_id      text   NOT NULL COLLATE "C",
  endpoint_id    text   NOT NULL COLLATE "C",
  from_revision  bigint NOT NULL,
  until_revision bigint,
  selectors      text[] NOT NULL,
  PRIMARY KEY (tenant_id, endpoint_id, from_revision)
);
CREATE INDEX webhook_subscriptions_open ON webhook_subscriptions (tenant_id) WHERE until_revision IS NULL;
SELECT daybook.tenant_table('webhook_subscriptions');

-- While a tenant is inactive nothing new is sent: what was to be sent before drains (DECISIONS 26).
CREATE TABLE webhook_pauses (
  tenant_id      text   NOT NULL COLLATE "C",
  from_revision  bigint NOT NULL,
  until_revision bigint,
  PRIMARY KEY (tenant_id, from_revision)
);
SELECT daybook.tenant_table('webhook_pauses');

-- One row for each endpoint: how it is sent to, as its last event said, and how it has been answering.
CREATE TABLE webhook_lanes (
  tenant_id   text    NOT NULL COLLATE "C",
  endpoint_id text    NOT NULL COLLATE "C",
  status      text    NOT NULL,
  ordering    text    NOT NULL,
  payload     text    NOT NULL,
  api_version text,
  url         text,
  headers     text    NOT NULL,
  secrets     text    NOT NULL,
  -- How many attempts in a row came to nothing, and until when (business time) none is made but one to see how it is.
  failures    integer NOT NULL DEFAULT 0,
  open_until  timestamptz,
  -- A delivery's last attempt failed: nothing is sent any more, and the ledger has to be told.
  died_at     timestamptz,
  PRIMARY KEY (tenant_id, endpoint_id)
) WITH (fillfactor = 70);
SELECT daybook.tenant_table('webhook_lanes', '{daybook_engine}');
CREATE INDEX webhook_lanes_died ON webhook_lanes (died_at) WHERE died_at IS NOT NULL AND status = 'enabled';

-- One event for one endpoint, for one cause: `live`, or the replay that asked for it again.
CREATE TABLE deliveries (
  tenant_id       text        NOT NULL COLLATE "C",
  delivery_id     text        NOT NULL COLLATE "C",
  endpoint_id     text        NOT NULL COLLATE "C",
  cause           text        NOT NULL COLLATE "C",
  event_id        text        NOT NULL COLLATE "C",
  event_type      text        NOT NULL COLLATE "C",
  sequence        bigint      NOT NULL,
  revision        bigint      NOT NULL,
  -- What is told in order where the endpoint wants order: the event's primary account, else what it is about.
  ordering_key    text        NOT NULL COLLATE "C",
  -- pending, succeeded, failed, canceled
  status          text        NOT NULL DEFAULT 'pending',
  attempts        integer     NOT NULL DEFAULT 0,
  -- By how many of them the schedule goes: asking for another try begins it anew.
  tries           integer     NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL,
  created_at      timestamptz NOT NULL DEFAULT now(),
  settled_at      timestamptz,
  PRIMARY KEY (tenant_id, delivery_id)
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX deliveries_once ON deliveries (tenant_id, endpoint_id, event_id, cause);
CREATE INDEX deliveries_due ON deliveries (tenant_id, endpoint_id, next_attempt_at, revision) WHERE status = 'pending';
CREATE INDEX deliveries_in_order ON deliveries (tenant_id, endpoint_id, cause, ordering_key, revision)
  WHERE status = 'pending';
CREATE INDEX deliveries_of_endpoint ON deliveries (tenant_id, endpoint_id, delivery_id);
CREATE INDEX deliveries_of_replay ON deliveries (tenant_id, cause, status) WHERE cause <> 'live';
CREATE INDEX deliveries_age ON deliveries USING brin (created_at) WITH (autosummarize = on);
SELECT daybook.tenant_table('deliveries');
GRANT UPDATE (status, tries, next_attempt_at, settled_at) ON deliveries TO daybook_app;

-- Which deliveries are under way, and until when nobody else takes them up. Unlogged, and apart from the deliveries: a claim
-- writes no log and changes no row that is in seven indexes. What a crash of the server takes of it is sent twice at worst.
CREATE UNLOGGED TABLE delivery_claims (
  tenant_id    text        NOT NULL COLLATE "C",
  endpoint_id  text        NOT NULL COLLATE "C",
  delivery_id  text        NOT NULL COLLATE "C",
  claim        text        NOT NULL,
  leased_until timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, endpoint_id, delivery_id)
);
SELECT daybook.tenant_table('delivery_claims');

CREATE TABLE delivery_attempts (
  tenant_id       text        NOT NULL COLLATE "C",
  delivery_id     text        NOT NULL COLLATE "C",
  attempt         integer     NOT NULL,
  endpoint_id     text        NOT NULL COLLATE "C",
  at              timestamptz NOT NULL,
  -- delivered, retry, refused
  outcome         text        NOT NULL,
  status          integer,
  failure         text,
  detail          text,
  url             text        NOT NULL,
  request_headers text        NOT NULL,
  -- Exactly what was signed and sent.
  body            bytea       NOT NULL,
  answer_headers  text        NOT NULL,
  excerpt         text        NOT NULL,
  answer_bytes    bigint      NOT NULL,
  is_cut          boolean     NOT NULL,
  address         text,
  timings         text        NOT NULL,
  duration_ms     double precision NOT NULL,
  PRIMARY KEY (tenant_id, delivery_id, attempt)
);
CREATE INDEX delivery_attempts_of_endpoint ON delivery_attempts (tenant_id, endpoint_id, at);
SELECT daybook.tenant_table('delivery_attempts');

-- Events of the past to be sent to an endpoint again, each once.
CREATE TABLE webhook_replays (
  tenant_id   text        NOT NULL COLLATE "C",
  replay_id   text        NOT NULL COLLATE "C",
  endpoint_id text        NOT NULL COLLATE "C",
  since       timestamptz NOT NULL,
  until       timestamptz NOT NULL,
  types       text[],
  statuses    text[],
  -- Events a second at most.
  rate        integer     NOT NULL,
  -- running, completed, canceled
  status      text        NOT NULL DEFAULT 'running',
  total       bigint      NOT NULL,
  queued      bigint      NOT NULL DEFAULT 0,
  -- The last event that was looked at.
  position    text        COLLATE "C",
  begins_at   timestamptz NOT NULL,
  -- Names the request that asked for it, so that the same again finds it.
  request_key text        COLLATE "C",
  request     text        COLLATE "C",
  created_at  timestamptz NOT NULL DEFAULT now(),
  ended_at    timestamptz,
  PRIMARY KEY (tenant_id, replay_id)
);
CREATE UNIQUE INDEX webhook_replays_once ON webhook_replays (tenant_id, request_key);
CREATE INDEX webhook_replays_running ON webhook_replays (tenant_id, replay_id) WHERE status = 'running';
SELECT daybook.tenant_table('webhook_replays');
GRANT INSERT, UPDATE (status, ended_at) ON webhook_replays TO daybook_app;

-- How much of what a tenant may be sent in a second is left: one bucket for all workers. A crash of the server fills it.
CREATE UNLOGGED TABLE webhook_budgets (
  tenant_id   text             NOT NULL PRIMARY KEY COLLATE "C",
  tokens      double precision NOT NULL,
  refilled_at timestamptz      NOT NULL
) WITH (fillfactor = 50);
SELECT daybook.tenant_table('webhook_budgets');

-- `outcome`: claimed; or, in a row of its own, why nothing was: `busy`, as many as may be are under way; `budget`, the tenant
-- has been sent what it may be for now; `locked`, another worker claims of it at this moment. `has_more`: as many were taken as
-- might be, so others may wait.
CREATE TYPE claimed_delivery AS (
  outcome text, delivery_id text, cause text, event_id text, revision bigint, tries integer, has_more boolean,
  payload text, api_version text, url text, headers text, secrets text
);

-- At most `room` deliveries, each the earliest of its account and cause. First among those that have been due longest; where
-- most of them wait behind one another, the accounts are gone through, a step each, however many wait for one of them.
CREATE FUNCTION due_in_order(of_tenant text, of_endpoint text, business_now timestamptz, room integer)
RETURNS text[] LANGUAGE plpgsql SET search_path = daybook, pg_temp AS $$
DECLARE
  ids text[];
BEGIN
  ids := ARRAY(
    SELECT w.delivery_id FROM (
      SELECT d.* FROM deliveries d WHERE d.tenant_id = of_tenant AND d.endpoint_id = of_endpoint
        AND d.status = 'pending' AND d.next_attempt_at <= business_now ORDER BY d.next_attempt_at, d.revision LIMIT 64
    ) w WHERE NOT EXISTS (
      SELECT FROM delivery_claims c WHERE c.tenant_id = of_tenant AND c.endpoint_id = of_endpoint
        AND c.delivery_id = w.delivery_id AND c.leased_until > clock_timestamp()
    ) AND NOT EXISTS (
      SELECT FROM deliveries e WHERE e.tenant_id = of_tenant AND e.endpoint_id = of_endpoint AND e.status = 'pending'
        AND e.cause = w.cause AND e.ordering_key = w.ordering_key AND e.revision < w.revision
    ) LIMIT room
  );
  IF cardinality(ids) = room THEN RETURN ids; END IF;
  RETURN ids || ARRAY(
    WITH RECURSIVE head AS (
      (SELECT d.cause, d.ordering_key, d.delivery_id, d.next_attempt_at FROM deliveries d
       WHERE d.tenant_id = of_tenant AND d.endpoint_id = of_endpoint AND d.status = 'pending'
       ORDER BY d.cause, d.ordering_key, d.revision LIMIT 1)
      UNION ALL
      SELECT n.* FROM head h CROSS JOIN LATERAL (
        SELECT d.cause, d.ordering_key, d.delivery_id, d.next_attempt_at FROM deliveries d
        WHERE d.tenant_id = of_tenant AND d.endpoint_id = of_endpoint AND d.status = 'pending'
          AND (d.cause, d.ordering_key) > (h.cause, h.ordering_key)
        ORDER BY d.cause, d.ordering_key, d.revision LIMIT 1
      ) n
    )
    SELECT h.delivery_id FROM head h WHERE h.next_attempt_at <= business_now AND h.delivery_id <> ALL (ids)
      AND NOT EXISTS (
        SELECT FROM delivery_claims c WHERE c.tenant_id = of_tenant AND c.endpoint_id = of_endpoint
          AND c.delivery_id = h.delivery_id AND c.leased_until > clock_timestamp()
      ) LIMIT room - cardinality(ids)
  );
END $$;

-- Takes deliveries of an endpoint that are due, at most so many that `cap` are under way over all workers. A claim whose lease
-- has run out, because its worker is gone, is taken again. Claims of one endpoint come one after the other; each statement
-- below sees what the claim before has done, and the last what was settled or canceled meanwhile. Whoever claims of several
-- endpoints does so in their order, and takes a lane's lock before its claims'.
CREATE FUNCTION claim_deliveries(
  of_tenant text, of_endpoint text, business_now timestamptz, claimer text,
  cap integer, most integer, lease_ms integer, rate double precision, burst double precision
) RETURNS SETOF claimed_delivery LANGUAGE plpgsql SET search_path = daybook, pg_temp AS $$
DECLARE
  lane webhook_lanes;
  room integer;
  budget webhook_budgets;
  is_probe boolean;
  lease constant interval := lease_ms * interval '1 millisecond';
  ids text[];
  answer claimed_delivery;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtextextended(of_tenant || ' ' || of_endpoint, 7305526)) THEN
    answer.outcome := 'locked'; RETURN NEXT answer; RETURN;
  END IF;
  SELECT * INTO lane FROM webhook_lanes l WHERE l.tenant_id = of_tenant AND l.endpoint_id = of_endpoint;
  IF NOT FOUND OR lane.status <> 'enabled' OR lane.died_at IS NOT NULL OR lane.open_until > business_now THEN
    RETURN;
  END IF;
  SELECT least(most, cap - count(*)) INTO room FROM delivery_claims c
    WHERE c.tenant_id = of_tenant AND c.endpoint_id = of_endpoint AND c.leased_until > clock_timestamp();
  is_probe := lane.open_until IS NOT NULL;
  IF is_probe THEN room := least(room, 1); END IF;
  IF room <= 0 THEN answer.outcome := 'busy'; RETURN NEXT answer; RETURN; END IF;
  INSERT INTO webhook_budgets VALUES (of_tenant, burst, clock_timestamp()) ON CONFLICT DO NOTHING;
  SELECT * INTO budget FROM webhook_budgets b WHERE b.tenant_id = of_tenant FOR UPDATE;
  budget.tokens := least(burst, budget.tokens + rate *
    greatest(0, extract(epoch FROM clock_timestamp() - budget.refilled_at)::double precision));
  room := least(room, floor(budget.tokens)::integer);
  IF room <= 0 THEN answer.outcome := 'budget'; RETURN NEXT answer; RETURN; END IF;
  IF lane.ordering = 'account' THEN
    ids := due_in_order(of_tenant, of_endpoint, business_now, room);
  ELSE
    ids := ARRAY(
      SELECT d.delivery_id FROM deliveries d WHERE d.tenant_id = of_tenant AND d.endpoint_id = of_endpoint
        AND d.status = 'pending' AND d.next_attempt_at <= business_now
        AND NOT EXISTS (
          SELECT FROM delivery_claims c WHERE c.tenant_id = of_tenant AND c.endpoint_id = of_endpoint
            AND c.delivery_id = d.delivery_id AND c.leased_until > clock_timestamp()
        )
      ORDER BY d.next_attempt_at, d.revision LIMIT room
    );
  END IF;
  IF cardinality(ids) = 0 THEN RETURN; END IF;
  -- While one is on its way to see how the endpoint is, no other is sent.
  IF is_probe THEN
    UPDATE webhook_lanes l SET open_until = business_now + lease
      WHERE l.tenant_id = of_tenant AND l.endpoint_id = of_endpoint;
  END IF;
  INSERT INTO delivery_claims SELECT of_tenant, of_endpoint, unnest(ids), claimer, clock_timestamp() + lease
    ON CONFLICT (tenant_id, endpoint_id, delivery_id)
    DO UPDATE SET claim = EXCLUDED.claim, leased_until = EXCLUDED.leased_until;
  UPDATE webhook_budgets b SET tokens = budget.tokens - cardinality(ids), refilled_at = clock_timestamp()
    WHERE b.tenant_id = of_tenant;
  RETURN QUERY SELECT 'claimed', d.delivery_id, d.cause, d.event_id, d.revision, d.tries,
      lane.ordering = 'account' OR cardinality(ids) = room,
      lane.payload, lane.api_version, lane.url, lane.headers, lane.secrets
    FROM deliveries d WHERE d.tenant_id = of_tenant AND d.delivery_id = ANY (ids)
      AND d.status = 'pending' AND d.next_attempt_at <= business_now
    ORDER BY array_position(ids, d.delivery_id);
END $$;

-- What an attempt came to. A success counts whoever holds the claim by now; a failure only where the claim is still its own;
-- neither where the delivery is not pending any more. What counts for nothing says nothing of the endpoint either: it is told
-- late, or twice. `is_answered` null: nothing was sent, which says nothing of it at all. Answers the attempt's number, null
-- where it counts for nothing. Takes the lane's lock before the claim's and the delivery's, as whoever claims or deletes an
-- endpoint does; whoever settles several does so in the order of their endpoints.
CREATE FUNCTION settle_delivery(
  of_tenant text, of_endpoint text, of_delivery text, of_claim text, business_now timestamptz,
  new_status text, retry_at timestamptz, is_answered boolean, is_death boolean,
  opens_after integer, opens_for_ms integer, opens_for_most_ms integer
) RETURNS integer LANGUAGE plpgsql SET search_path = daybook, pg_temp AS $$
DECLARE
  is_own boolean;
  made integer;
BEGIN
  PERFORM FROM webhook_lanes l WHERE l.tenant_id = of_tenant AND l.endpoint_id = of_endpoint
    AND (NOT is_answered OR is_answered AND (l.failures > 0 OR l.open_until IS NOT NULL)) FOR NO KEY UPDATE;
  DELETE FROM delivery_claims c WHERE c.tenant_id = of_tenant AND c.endpoint_id = of_endpoint
    AND c.delivery_id = of_delivery AND c.claim = of_claim;
  is_own := FOUND;
  UPDATE deliveries d SET attempts = d.attempts + 1, tries = d.tries + 1, status = new_status,
      next_attempt_at = coalesce(retry_at, d.next_attempt_at),
      settled_at = CASE WHEN new_status = 'pending' THEN NULL ELSE clock_timestamp() END
    WHERE d.tenant_id = of_tenant AND d.delivery_id = of_delivery AND d.status = 'pending'
      AND (is_own OR new_status = 'succeeded')
    RETURNING d.attempts INTO made;
  IF made IS NULL THEN RETURN NULL; END IF;
  IF is_answered THEN
    UPDATE webhook_lanes l SET failures = 0, open_until = NULL
      WHERE l.tenant_id = of_tenant AND l.endpoint_id = of_endpoint AND (l.failures > 0 OR l.open_until IS NOT NULL);
  ELSIF NOT is_answered THEN
    UPDATE webhook_lanes l SET failures = l.failures + 1,
        open_until = CASE WHEN l.failures + 1 < opens_after THEN l.open_until ELSE business_now
          + least(opens_for_most_ms, opens_for_ms * power(2, least(l.failures + 1 - opens_after, 20)))
          * interval '1 millisecond' END,
        died_at = CASE WHEN is_death THEN coalesce(l.died_at, clock_timestamp()) ELSE l.died_at END
      WHERE l.tenant_id = of_tenant AND l.endpoint_id = of_endpoint;
  END IF;
  RETURN made;
END $$;

-- Deliveries and what they hang on. Not derived: no rebuild touches these tables, and none is sent again because a read model
-- is made anew. Times by which deliveries are due are business time; leases, budgets and what is swept are real time.

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
  claim           text,
  leased_until    timestamptz,
  created_at      timestamptz NOT NULL DEFAULT now(),
  settled_at      timestamptz,
  PRIMARY KEY (tenant_id, delivery_id)
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX deliveries_once ON deliveries (tenant_id, endpoint_id, event_id, cause);
CREATE INDEX deliveries_due ON deliveries (tenant_id, endpoint_id, next_attempt_at) WHERE status = 'pending';
CREATE INDEX deliveries_in_order ON deliveries (tenant_id, endpoint_id, cause, ordering_key, revision)
  WHERE status = 'pending';
CREATE INDEX deliveries_leased ON deliveries (tenant_id, endpoint_id, leased_until) WHERE leased_until IS NOT NULL;
CREATE INDEX deliveries_of_endpoint ON deliveries (tenant_id, endpoint_id, delivery_id);
CREATE INDEX deliveries_of_replay ON deliveries (tenant_id, cause, status) WHERE cause <> 'live';
CREATE INDEX deliveries_age ON deliveries (created_at);
SELECT daybook.tenant_table('deliveries');
GRANT UPDATE (status, tries, next_attempt_at, settled_at) ON deliveries TO daybook_app;

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

-- How much of what a tenant may be sent in a second is left: one bucket for all workers.
CREATE TABLE webhook_budgets (
  tenant_id   text             NOT NULL PRIMARY KEY COLLATE "C",
  tokens      double precision NOT NULL,
  refilled_at timestamptz      NOT NULL
) WITH (fillfactor = 50);
SELECT daybook.tenant_table('webhook_budgets');

-- `has_more`: as many were taken as might be, so others may wait. A row without an id says why none was: `busy`, as many as may
-- be are under way; `budget`, the tenant has been sent what it may be for now.
CREATE TYPE claimed_deliveries AS (
  delivery_id text, cause text, event_id text, revision bigint, tries integer, has_more boolean
);

-- Takes deliveries of an endpoint that are due, at most so many that `cap` are under way over all workers. A claim whose lease
-- has run out, because its worker is gone, is taken again. The lane's row is the lock that claims of one endpoint meet at; each
-- statement below sees what the claim before has done.
CREATE FUNCTION claim_deliveries(
  of_tenant text, of_endpoint text, business_now timestamptz, claimer text,
  cap integer, most integer, lease_ms integer, rate double precision, burst double precision
) RETURNS SETOF claimed_deliveries LANGUAGE plpgsql SET search_path = daybook, pg_temp AS $$
DECLARE
  lane webhook_lanes;
  room integer;
  budget webhook_budgets;
  is_probe boolean;
  lease constant interval := lease_ms * interval '1 millisecond';
  taken integer;
BEGIN
  SELECT * INTO lane FROM webhook_lanes l WHERE l.tenant_id = of_tenant AND l.endpoint_id = of_endpoint FOR UPDATE;
  IF NOT FOUND OR lane.status <> 'enabled' OR lane.died_at IS NOT NULL OR lane.open_until > business_now THEN
    RETURN;
  END IF;
  SELECT least(most, cap - count(*)) INTO room FROM deliveries d
    WHERE d.tenant_id = of_tenant AND d.endpoint_id = of_endpoint AND d.leased_until > clock_timestamp();
  is_probe := lane.open_until IS NOT NULL;
  IF is_probe THEN room := least(room, 1); END IF;
  IF room <= 0 THEN RETURN NEXT (NULL, 'busy', NULL, NULL, NULL, true)::claimed_deliveries; RETURN; END IF;
  INSERT INTO webhook_budgets VALUES (of_tenant, burst, clock_timestamp()) ON CONFLICT DO NOTHING;
  SELECT * INTO budget FROM webhook_budgets b WHERE b.tenant_id = of_tenant FOR UPDATE;
  budget.tokens := least(burst, budget.tokens + rate *
    greatest(0, extract(epoch FROM clock_timestamp() - budget.refilled_at)::double precision));
  room := least(room, floor(budget.tokens)::integer);
  IF room <= 0 THEN RETURN NEXT (NULL, 'budget', NULL, NULL, NULL, true)::claimed_deliveries; RETURN; END IF;
  RETURN QUERY
    WITH due AS (
      SELECT d.delivery_id AS id FROM deliveries d
      WHERE d.tenant_id = of_tenant AND d.endpoint_id = of_endpoint AND d.status = 'pending'
        AND d.next_attempt_at <= business_now AND (d.leased_until IS NULL OR d.leased_until <= clock_timestamp())
        AND (lane.ordering <> 'account' OR NOT EXISTS (
          SELECT FROM deliveries e
          WHERE e.tenant_id = of_tenant AND e.endpoint_id = of_endpoint AND e.status = 'pending'
            AND e.cause = d.cause AND e.ordering_key = d.ordering_key AND e.revision < d.revision
        ))
      ORDER BY d.next_attempt_at, d.revision LIMIT room FOR UPDATE SKIP LOCKED
    ), taken AS (
      UPDATE deliveries d SET claim = claimer, leased_until = clock_timestamp() + lease
      FROM due WHERE d.tenant_id = of_tenant AND d.delivery_id = due.id
      RETURNING d.delivery_id, d.cause, d.event_id, d.revision, d.tries
    )
    SELECT t.*, lane.ordering = 'account' OR (SELECT count(*) FROM taken) = room FROM taken t;
  GET DIAGNOSTICS taken = ROW_COUNT;
  IF taken = 0 THEN RETURN; END IF;
  UPDATE webhook_budgets b SET tokens = budget.tokens - taken, refilled_at = clock_timestamp()
    WHERE b.tenant_id = of_tenant;
  -- While one is on its way to see how the endpoint is, no other is sent.
  IF is_probe THEN
    UPDATE webhook_lanes l SET open_until = business_now + lease
      WHERE l.tenant_id = of_tenant AND l.endpoint_id = of_endpoint;
  END IF;
END $$;

-- What an attempt came to. A success counts whoever holds the claim by now; a failure only where the claim is still its own.
-- Answers the attempt's number, null where it counts for nothing. Takes the lane's lock before the delivery's, as whoever
-- deletes an endpoint does.
CREATE FUNCTION settle_delivery(
  of_tenant text, of_endpoint text, of_delivery text, of_claim text, business_now timestamptz,
  new_status text, retry_at timestamptz, is_answered boolean, is_death boolean,
  opens_after integer, opens_for_ms integer, opens_for_most_ms integer
) RETURNS integer LANGUAGE plpgsql SET search_path = daybook, pg_temp AS $$
DECLARE
  made integer;
BEGIN
  IF is_answered THEN
    UPDATE webhook_lanes l SET failures = 0, open_until = NULL
      WHERE l.tenant_id = of_tenant AND l.endpoint_id = of_endpoint AND (l.failures > 0 OR l.open_until IS NOT NULL);
  ELSE
    UPDATE webhook_lanes l SET failures = l.failures + 1,
        open_until = CASE WHEN l.failures + 1 < opens_after THEN l.open_until ELSE business_now
          + least(opens_for_most_ms, opens_for_ms * power(2, least(l.failures + 1 - opens_after, 20)))
          * interval '1 millisecond' END,
        died_at = CASE WHEN is_death THEN coalesce(l.died_at, clock_timestamp()) ELSE l.died_at END
      WHERE l.tenant_id = of_tenant AND l.endpoint_id = of_endpoint;
  END IF;
  UPDATE deliveries d SET attempts = d.attempts + 1, tries = d.tries + 1, status = new_status,
      next_attempt_at = coalesce(retry_at, d.next_attempt_at), claim = NULL, leased_until = NULL,
      settled_at = CASE WHEN new_status = 'pending' THEN NULL ELSE clock_timestamp() END
    WHERE d.tenant_id = of_tenant AND d.delivery_id = of_delivery AND d.status = 'pending'
      AND (d.claim = of_claim OR new_status = 'succeeded')
    RETURNING d.attempts INTO made;
  RETURN made;
END $$;

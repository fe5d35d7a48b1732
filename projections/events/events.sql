-- The public events of a tenant. What they say is rendered from the stream when it is asked for.
CREATE TABLE events (
  tenant_id   text   NOT NULL COLLATE "C",
  -- `evt_` and the ledger event's own id.
  event_id    text   NOT NULL COLLATE "C",
  -- Gapless from 1.
  sequence    bigint NOT NULL,
  revision    bigint NOT NULL,
  type        text   NOT NULL COLLATE "C",
  resource_id text   NOT NULL COLLATE "C",
  -- The resource was made by the event and has its ULID, so that its id tells the event's.
  creates     boolean NOT NULL,
  PRIMARY KEY (tenant_id, event_id)
);
-- Of a transaction, which is what most events make, nothing but its reversals stands in it.
CREATE INDEX events_by_resource ON events (tenant_id, resource_id, event_id) WHERE NOT creates;
-- Sequences and ids grow together: it is enough to know where to begin.
CREATE UNIQUE INDEX events_by_sequence ON events (tenant_id, sequence) WHERE sequence % 64 = 1;
-- Of the types that traffic is made of a scan by id finds enough soon.
CREATE INDEX events_by_rare_type ON events (tenant_id, type, event_id)
  WHERE type NOT IN ('transaction.completed', 'card.transaction.authorized', 'card.transaction.captured');
SELECT daybook.tenant_table('events');

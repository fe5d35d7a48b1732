-- When each open hold ends: whom to wake. What is decided never depends on it.
CREATE TABLE due_holds (
  tenant_id text   NOT NULL COLLATE "C",
  -- Of a reservation or a card transaction.
  hold_id   text   NOT NULL COLLATE "C",
  -- Milliseconds since 1970.
  due_at    bigint NOT NULL,
  PRIMARY KEY (tenant_id, hold_id)
);
CREATE INDEX due_holds_by_time ON due_holds (due_at);
SELECT daybook.tenant_table('due_holds', '{daybook_engine}');

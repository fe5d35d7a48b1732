-- The sums of a settlement that takes lines are added up here; the rest of it is as its last event left it.
CREATE TABLE settlements (
  tenant_id     text   NOT NULL COLLATE "C",
  settlement_id text   NOT NULL COLLATE "C",
  business_date text   NOT NULL COLLATE "C",
  currency      text   NOT NULL COLLATE "C",
  status        text   NOT NULL COLLATE "C",
  gross         bigint NOT NULL,
  refunds       bigint NOT NULL,
  fees          bigint NOT NULL,
  adjustments   bigint NOT NULL,
  net           bigint NOT NULL,
  line_count    bigint NOT NULL,
  late_count    bigint NOT NULL,
  -- Milliseconds since 1970.
  updated_at    bigint NOT NULL,
  resource      text   NOT NULL,
  PRIMARY KEY (tenant_id, settlement_id)
) WITH (fillfactor = 80);
CREATE INDEX settlements_by_date ON settlements (tenant_id, business_date, currency);
SELECT daybook.tenant_table('settlements', '{daybook_engine}');

CREATE TABLE settlement_lines (
  tenant_id     text   NOT NULL COLLATE "C",
  settlement_id text   NOT NULL COLLATE "C",
  -- Has the event's ULID.
  line_id       text   NOT NULL COLLATE "C",
  type          text   NOT NULL COLLATE "C",
  amount        bigint NOT NULL,
  late          boolean NOT NULL,
  resource      text   NOT NULL,
  PRIMARY KEY (tenant_id, settlement_id, line_id)
);
SELECT daybook.tenant_table('settlement_lines');

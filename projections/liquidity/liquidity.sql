-- Accounts that count for liquidity.
CREATE TABLE liquidity_accounts (
  tenant_id       text   NOT NULL COLLATE "C",
  account_id      text   NOT NULL COLLATE "C",
  currency        text   NOT NULL COLLATE "C",
  -- customer, business, merchant, agent or float.
  kind            text   NOT NULL COLLATE "C",
  opened_revision bigint NOT NULL,
  closed_revision bigint,
  PRIMARY KEY (tenant_id, account_id)
);
CREATE INDEX liquidity_accounts_floats ON liquidity_accounts (tenant_id, currency) WHERE kind = 'float';
SELECT daybook.tenant_table('liquidity_accounts');

-- How a currency stood after the last event of each five minutes in which anything changed: the curve of a day, and from it
-- the snapshots of any schedule. Sums of balances may be larger than an amount can be.
CREATE TABLE liquidity_points (
  tenant_id text    NOT NULL COLLATE "C",
  currency  text    NOT NULL COLLATE "C",
  -- Where the five minutes begin, and when the event was: milliseconds since 1970.
  bucket    bigint  NOT NULL,
  at        bigint  NOT NULL,
  revision  bigint  NOT NULL,
  customer  numeric NOT NULL,
  business  numeric NOT NULL,
  merchant  numeric NOT NULL,
  agent     numeric NOT NULL,
  float     numeric NOT NULL,
  PRIMARY KEY (tenant_id, currency, bucket)
) WITH (fillfactor = 70);
SELECT daybook.tenant_table('liquidity_points');

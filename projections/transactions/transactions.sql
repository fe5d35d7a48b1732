CREATE TABLE transactions (
  tenant_id      text   NOT NULL COLLATE "C",
  transaction_id text   NOT NULL COLLATE "C",
  -- At which it was recorded; a reversal changes the row, not this.
  revision       bigint NOT NULL,
  amount         bigint NOT NULL,
  type           text   NOT NULL COLLATE "C",
  status         text   NOT NULL COLLATE "C",
  currency       text   NOT NULL COLLATE "C",
  channel        text   COLLATE "C",
  reference      text   COLLATE "C",
  resource       text   NOT NULL,
  PRIMARY KEY (tenant_id, transaction_id)
);
CREATE INDEX transactions_by_reference ON transactions (tenant_id, reference, transaction_id) WHERE reference IS NOT NULL;
-- Of completed ones a scan by id finds enough soon.
CREATE INDEX transactions_not_completed ON transactions (tenant_id, status, transaction_id) WHERE status <> 'completed';
SELECT daybook.tenant_table('transactions');

-- The accounts that a transaction names and posts nothing to, as one that failed does: of the others, their entries tell.
CREATE TABLE transaction_parties (
  tenant_id      text   NOT NULL COLLATE "C",
  account_id     text   NOT NULL COLLATE "C",
  revision       bigint NOT NULL,
  transaction_id text   NOT NULL COLLATE "C",
  PRIMARY KEY (tenant_id, account_id, revision)
);
SELECT daybook.tenant_table('transaction_parties');

-- One row for each key of a transaction's metadata. A digest, because an index on texts compares them with operators that
-- row-level security does not trust, and because a client's texts need not lie about twice.
CREATE TABLE transaction_metadata (
  tenant_id      text  NOT NULL COLLATE "C",
  digest         bytea NOT NULL,
  transaction_id text  NOT NULL COLLATE "C",
  PRIMARY KEY (tenant_id, digest, transaction_id)
);
SELECT daybook.tenant_table('transaction_metadata');

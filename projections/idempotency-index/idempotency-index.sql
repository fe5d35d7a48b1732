-- The outcome of every idempotency key, for ever: which events of the stream it made. The key is SHA-256 over plane, tenant
-- or operator, and the caller's key.
CREATE TABLE idempotency_index (
  tenant_id text   NOT NULL COLLATE "C",
  key       bytea  NOT NULL,
  -- Of a batch that is several commands with one key, which of them; −1 where the key is one command's.
  part      int    NOT NULL,
  request   bytea  NOT NULL,
  -- Of its first event, and how many there are.
  revision  bigint NOT NULL,
  events    int    NOT NULL,
  operation text   NOT NULL COLLATE "C",
  PRIMARY KEY (tenant_id, key, part)
);
SELECT daybook.tenant_table('idempotency_index', '{daybook_engine}');

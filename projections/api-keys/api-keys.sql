-- That keys exist and what they may do; their secrets' verifiers are in a table that no rebuild touches.
CREATE TABLE api_keys (
  tenant_id text    NOT NULL COLLATE "C",
  key_id    text    NOT NULL COLLATE "C",
  is_active boolean NOT NULL,
  resource  text    NOT NULL,
  PRIMARY KEY (tenant_id, key_id)
);
SELECT daybook.tenant_table('api_keys');

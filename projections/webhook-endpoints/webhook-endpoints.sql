-- Where tenants' events are sent. Secrets are in a table that no rebuild touches.
CREATE TABLE webhook_endpoints (
  tenant_id   text NOT NULL COLLATE "C",
  endpoint_id text NOT NULL COLLATE "C",
  status      text NOT NULL COLLATE "C",
  -- Which secret signs now: what it is known by elsewhere.
  secret_id   text NOT NULL COLLATE "C",
  resource    text NOT NULL,
  PRIMARY KEY (tenant_id, endpoint_id)
);
SELECT daybook.tenant_table('webhook_endpoints');

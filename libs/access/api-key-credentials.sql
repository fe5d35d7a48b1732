-- What the guard needs of an API key on each request. That the key exists, its scopes, limits and state are events; the row
-- follows them (`revision`). The verifier is made from no event: no rebuild touches this table and no export holds it.
CREATE TABLE api_key_credentials (
  tenant_id          text        NOT NULL COLLATE "C",
  key_id             text        NOT NULL COLLATE "C",
  environment        text        NOT NULL CHECK (environment IN ('live', 'sandbox')),
  verifier           bytea       NOT NULL CHECK (octet_length(verifier) = 32),
  hash_version       smallint    NOT NULL,
  -- The tenant stream's revision that the columns below are true at; null: reserved, its event is not known to exist.
  revision           bigint,
  scopes             text[]      NOT NULL DEFAULT '{}',
  rate_limit_per_min bigint,
  rate_limit_per_day bigint,
  is_active          boolean     NOT NULL DEFAULT false,
  expires_at         timestamptz,
  created_at         timestamptz NOT NULL DEFAULT now(),
  -- Set with every change but a use: what the instances look through to forget what they have in memory.
  changed_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
  last_used_at       timestamptz,
  PRIMARY KEY (tenant_id, key_id)
);
-- The guard knows the key before it knows the tenant.
CREATE UNIQUE INDEX api_key_credentials_key ON api_key_credentials (key_id);
CREATE INDEX api_key_credentials_changed ON api_key_credentials (changed_at);

-- Only the guard's role sees verifiers and all tenants' rows. The role that serves a tenant's queries sees when its keys were
-- last used, and the projector has no business here.
REVOKE ALL ON api_key_credentials FROM daybook_projector;
ALTER TABLE api_key_credentials ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY auth ON api_key_credentials TO daybook_auth USING (true) WITH CHECK (true);
CREATE POLICY tenant_isolation ON api_key_credentials FOR SELECT TO daybook_app
  USING (tenant_id = current_setting('daybook.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON api_key_credentials TO daybook_auth;
GRANT SELECT (tenant_id, key_id, hash_version, last_used_at) ON api_key_credentials TO daybook_app;

-- Secrets that are shown once, for as long as a replay of the request that made them may ask for them again (DECISIONS 15).
-- What is here opens only with the caller's idempotency key, which is in no table, and the master key.
CREATE TABLE once_only_secrets (
  tenant_id     text        NOT NULL COLLATE "C",
  resource_id   text        NOT NULL COLLATE "C",
  -- An HMAC of who asked under which idempotency key: neither can be read from it.
  request       bytea       NOT NULL,
  sealed        bytea       NOT NULL,
  master_key_id text        NOT NULL COLLATE "C",
  expires_at    timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, resource_id, request)
);
CREATE INDEX once_only_secrets_expiry ON once_only_secrets (expires_at);

REVOKE ALL ON once_only_secrets FROM daybook_projector;
ALTER TABLE once_only_secrets ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY auth ON once_only_secrets TO daybook_auth USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON once_only_secrets TO daybook_auth;

-- What webhook endpoints' deliveries are signed with, sealed under a key that is in no database. Which of them an endpoint
-- signs with now, its events say; a row that none names is of a request that came to nothing.
CREATE TABLE webhook_secrets (
  tenant_id     text        NOT NULL COLLATE "C",
  endpoint_id   text        NOT NULL COLLATE "C",
  secret_id     text        NOT NULL COLLATE "C",
  sealed        bytea       NOT NULL,
  master_key_id text        NOT NULL COLLATE "C",
  -- As it is shown once the secret itself is not any more.
  masked        text        NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, endpoint_id, secret_id)
);
REVOKE ALL ON webhook_secrets FROM daybook_projector;
ALTER TABLE webhook_secrets ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY auth ON webhook_secrets TO daybook_auth USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_secrets TO daybook_auth;

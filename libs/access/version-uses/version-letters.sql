-- Tenants whose contact was written to about an API version that shipped: once each, whichever instance was first.
CREATE TABLE version_letters (
  tenant_id   text        NOT NULL COLLATE "C",
  api_version text        NOT NULL COLLATE "C",
  claimed_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, api_version)
);
REVOKE ALL ON version_letters FROM daybook_projector;
ALTER TABLE version_letters ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON version_letters TO daybook_engine USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON version_letters TO daybook_engine;

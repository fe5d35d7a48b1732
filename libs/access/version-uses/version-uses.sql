-- How often each change between API versions had something to do in a tenant's calls. Counted as it happens, derived from no
-- event: a rebuild leaves it alone, an export does not hold it.
CREATE TABLE version_uses (
  tenant_id text        NOT NULL COLLATE "C",
  change_id text        NOT NULL COLLATE "C",
  operation text        NOT NULL COLLATE "C",
  uses      bigint      NOT NULL CHECK (uses > 0),
  last_at   timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, change_id, operation)
);
-- Many tenants are counted in one statement, and the report is made by the same role, of one tenant by name.
REVOKE ALL ON version_uses FROM daybook_projector;
ALTER TABLE version_uses ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON version_uses TO daybook_engine USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON version_uses TO daybook_engine;

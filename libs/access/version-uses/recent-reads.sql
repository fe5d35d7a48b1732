-- The reads that sandbox tenants made last, so that they can be asked again in another version of the API. Names of paths and
-- ids alone: what is asked for in free text is not kept.
CREATE TABLE recent_reads (
  tenant_id text        NOT NULL COLLATE "C",
  path      text        NOT NULL COLLATE "C" CHECK (length(path) <= 1000),
  operation text        NOT NULL COLLATE "C",
  read_at   timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, path)
);
REVOKE ALL ON recent_reads FROM daybook_projector;
ALTER TABLE recent_reads ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON recent_reads TO daybook_engine USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON recent_reads TO daybook_engine;

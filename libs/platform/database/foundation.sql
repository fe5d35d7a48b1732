-- What every other migration stands on. The roles daybook_app, daybook_projector, daybook_auth and daybook_engine exist
-- already (roles.ts): groups that nobody logs in as.

-- Only the roles that were made for this database connect to it; whoever else should is granted it by name.
DO $$ BEGIN EXECUTE format('REVOKE CONNECT, TEMPORARY ON DATABASE %I FROM PUBLIC', current_database()); END $$;

GRANT USAGE ON SCHEMA daybook TO daybook_app, daybook_projector, daybook_auth, daybook_engine;

-- The projector writes all read models. The others get only what tenant_table or a GRANT of its own gives them, so that a
-- table which forgot its row-level security can't be read by the application at all.
ALTER DEFAULT PRIVILEGES IN SCHEMA daybook GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON TABLES TO daybook_projector;
ALTER DEFAULT PRIVILEGES IN SCHEMA daybook GRANT USAGE, SELECT ON SEQUENCES TO daybook_projector;

-- One row: whose database this is.
CREATE TABLE installation (
  only_one  boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  key_check text NOT NULL
);
REVOKE ALL ON installation FROM daybook_projector;

-- Makes a table a tenant's: the last line of every CREATE TABLE that holds rows of tenants.
--   SELECT daybook.tenant_table('accounts');
--   SELECT daybook.tenant_table('idempotency_keys', '{daybook_engine}');
-- The table must have `tenant_id text NOT NULL`, first in its primary key. The application reads the rows of the tenant
-- that the setting daybook.tenant names, and no row when it is not set; the projector reads and writes all; `readers` are
-- groups that read the rows of all tenants. What the application may write, it is granted by name; the policy holds there
-- too. The owner is held as well (FORCE), so a migration can't move a tenant's rows: that is what a rebuild is for.
CREATE FUNCTION tenant_table(target regclass, readers name[] DEFAULT '{}') RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  mine constant text := '(tenant_id = current_setting(''daybook.tenant'', true))';
  reader name;
BEGIN
  IF NOT EXISTS (
    SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
    WHERE i.indrelid = target AND i.indisprimary AND a.attname = 'tenant_id' AND a.atttypid = 'text'::regtype
  ) THEN
    RAISE EXCEPTION 'the primary key of % must begin with tenant_id text', target
      USING HINT = 'tenant_id text NOT NULL, ..., PRIMARY KEY (tenant_id, ...)';
  END IF;
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', target);
  EXECUTE format('CREATE POLICY tenant_isolation ON %s TO daybook_app USING %s WITH CHECK %s', target, mine, mine);
  EXECUTE format('CREATE POLICY projector ON %s TO daybook_projector USING (true) WITH CHECK (true)', target);
  EXECUTE format('GRANT SELECT ON %s TO daybook_app', target);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON %s TO daybook_projector', target);
  FOREACH reader IN ARRAY readers LOOP
    EXECUTE format('CREATE POLICY %I ON %s FOR SELECT TO %I USING (true)', reader, target, reader);
    EXECUTE format('GRANT SELECT ON %s TO %I', target, reader);
  END LOOP;
END $$;
REVOKE ALL ON FUNCTION tenant_table FROM PUBLIC;

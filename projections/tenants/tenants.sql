-- The tenants themselves. Operators list all of them, so the roles that stand above tenants read all rows.
CREATE TABLE tenants (
  tenant_id    text NOT NULL PRIMARY KEY COLLATE "C",
  workspace_id text NOT NULL COLLATE "C",
  environment  text NOT NULL COLLATE "C",
  status       text NOT NULL COLLATE "C",
  tier         text NOT NULL COLLATE "C",
  -- Name, partner's name and e-mail in lower case: what `q` looks through.
  searched     text NOT NULL,
  resource     text NOT NULL
);
CREATE INDEX tenants_by_workspace ON tenants (workspace_id, tenant_id);
SELECT daybook.tenant_table('tenants', '{daybook_auth,daybook_engine}');

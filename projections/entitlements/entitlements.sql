-- What a tenant is entitled to, as its last change left it; no row: nobody has said anything yet, the defaults hold. The
-- guard of reads asks for many tenants at once, as a role that stands above them.
CREATE TABLE tenant_entitlements (
  tenant_id text   NOT NULL COLLATE "C",
  -- Of the change.
  revision  bigint NOT NULL,
  resource  text   NOT NULL,
  PRIMARY KEY (tenant_id)
);
SELECT daybook.tenant_table('tenant_entitlements', '{daybook_engine}');

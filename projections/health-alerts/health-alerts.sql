-- Which thresholds of its health a tenant is beyond, by the ledger's own word. Whoever watches reads those of all tenants.
CREATE TABLE health_alerts (
  tenant_id text    NOT NULL COLLATE "C",
  indicator text    NOT NULL COLLATE "C",
  beyond    boolean NOT NULL,
  revision  bigint  NOT NULL,
  PRIMARY KEY (tenant_id, indicator)
);
CREATE INDEX health_alerts_beyond ON health_alerts (tenant_id) WHERE beyond;
SELECT daybook.tenant_table('health_alerts', '{daybook_engine}');

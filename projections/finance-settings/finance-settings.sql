-- A tenant's own; who changed nothing has no row. Which currencies are below their mark stands beside.
CREATE TABLE finance_settings (
  tenant_id text NOT NULL COLLATE "C",
  settings  text NOT NULL,
  PRIMARY KEY (tenant_id)
);
SELECT daybook.tenant_table('finance_settings');

CREATE TABLE liquidity_alerts (
  tenant_id text    NOT NULL COLLATE "C",
  currency  text    NOT NULL COLLATE "C",
  breached  boolean NOT NULL,
  revision  bigint  NOT NULL,
  PRIMARY KEY (tenant_id, currency)
);
SELECT daybook.tenant_table('liquidity_alerts', '{daybook_engine}');

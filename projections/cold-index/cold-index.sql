-- At which revision the latest event under a cold key stands (`coldKeys` in libs/domain/ledger.ts).
CREATE TABLE cold_index (
  tenant_id text   NOT NULL COLLATE "C",
  key       text   NOT NULL COLLATE "C",
  revision  bigint NOT NULL,
  PRIMARY KEY (tenant_id, key)
) WITH (fillfactor = 90);
SELECT daybook.tenant_table('cold_index', '{daybook_engine}');

-- Whose data was erased. Whoever blanks what was rendered of them goes through those of all tenants.
CREATE TABLE erasures (
  tenant_id  text        NOT NULL COLLATE "C",
  subject_id text        NOT NULL COLLATE "C",
  kind       text        NOT NULL COLLATE "C",
  erased_at  timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, subject_id)
);
SELECT daybook.tenant_table('erasures', '{daybook_engine}');

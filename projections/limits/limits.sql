-- The limits of every list there was: what a transaction was refused by stays explained.
CREATE TABLE limits (
  tenant_id     text        NOT NULL COLLATE "C",
  limit_id      text        NOT NULL COLLATE "C",
  -- When its list was replaced; null while it stands.
  superseded_at timestamptz,
  -- Place in its list.
  position      int         NOT NULL,
  resource      text        NOT NULL,
  PRIMARY KEY (tenant_id, limit_id)
);
SELECT daybook.tenant_table('limits');

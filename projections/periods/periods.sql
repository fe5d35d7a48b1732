-- Calendar months whose books are closed. What their reports say is read from the entries as of their ends.
CREATE TABLE closed_months (
  tenant_id text   NOT NULL COLLATE "C",
  -- `YYYY-MM`.
  month     text   NOT NULL COLLATE "C",
  -- Of the event that closed it.
  revision  bigint NOT NULL,
  -- Milliseconds since 1970.
  closed_at bigint NOT NULL,
  resource  text   NOT NULL,
  PRIMARY KEY (tenant_id, month)
);
SELECT daybook.tenant_table('closed_months');

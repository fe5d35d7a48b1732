-- What was held on an account after each event that changed it: with the last entry, an account's balance at a revision.
CREATE TABLE held_amounts (
  tenant_id  text   NOT NULL COLLATE "C",
  account_id text   NOT NULL COLLATE "C",
  revision   bigint NOT NULL,
  -- Minor units.
  held       bigint NOT NULL,
  PRIMARY KEY (tenant_id, account_id, revision)
);
SELECT daybook.tenant_table('held_amounts');

-- How far an account could be overdrawn from each event on that said so; none: not at all.
CREATE TABLE overdraft_limits (
  tenant_id       text   NOT NULL COLLATE "C",
  account_id      text   NOT NULL COLLATE "C",
  revision        bigint NOT NULL,
  -- Minor units.
  overdraft_limit bigint NOT NULL,
  PRIMARY KEY (tenant_id, account_id, revision)
);
SELECT daybook.tenant_table('overdraft_limits');

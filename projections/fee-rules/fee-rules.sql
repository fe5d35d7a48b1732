-- The rules of every schedule there was: what a transaction was charged stays explained by the rule in force then.
CREATE TABLE fee_rules (
  tenant_id     text        NOT NULL COLLATE "C",
  rule_id       text        NOT NULL COLLATE "C",
  -- When the schedule that it stands in last was replaced by one without it; null while it stands.
  superseded_at timestamptz,
  -- Place in its schedule.
  position      int         NOT NULL,
  resource      text        NOT NULL,
  PRIMARY KEY (tenant_id, rule_id)
);
SELECT daybook.tenant_table('fee_rules');

CREATE TABLE cards (
  tenant_id  text NOT NULL COLLATE "C",
  card_id    text NOT NULL COLLATE "C",
  account_id text NOT NULL COLLATE "C",
  status     text NOT NULL COLLATE "C",
  type       text NOT NULL COLLATE "C",
  resource   text NOT NULL,
  PRIMARY KEY (tenant_id, card_id)
);
CREATE INDEX cards_by_account ON cards (tenant_id, account_id, card_id);
SELECT daybook.tenant_table('cards');

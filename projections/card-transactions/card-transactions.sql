CREATE TABLE card_transactions (
  tenant_id           text NOT NULL COLLATE "C",
  card_transaction_id text NOT NULL COLLATE "C",
  card_id             text NOT NULL COLLATE "C",
  account_id          text NOT NULL COLLATE "C",
  status              text NOT NULL COLLATE "C",
  resource            text NOT NULL,
  PRIMARY KEY (tenant_id, card_transaction_id)
) WITH (fillfactor = 80);
CREATE INDEX card_transactions_by_card ON card_transactions (tenant_id, card_id, card_transaction_id);
CREATE INDEX card_transactions_by_account ON card_transactions (tenant_id, account_id, card_transaction_id);
SELECT daybook.tenant_table('card_transactions');

CREATE TABLE bank_statements (
  tenant_id    text NOT NULL COLLATE "C",
  statement_id text NOT NULL COLLATE "C",
  account_id   text NOT NULL COLLATE "C",
  resource     text NOT NULL,
  PRIMARY KEY (tenant_id, statement_id)
);
SELECT daybook.tenant_table('bank_statements');

CREATE TABLE bank_statement_lines (
  tenant_id      text NOT NULL COLLATE "C",
  statement_id   text NOT NULL COLLATE "C",
  line_id        text NOT NULL COLLATE "C",
  status         text NOT NULL COLLATE "C",
  transaction_id text COLLATE "C",
  resource       text NOT NULL,
  PRIMARY KEY (tenant_id, statement_id, line_id)
);
CREATE INDEX bank_statement_lines_by_transaction ON bank_statement_lines (tenant_id, transaction_id)
  WHERE transaction_id IS NOT NULL;
SELECT daybook.tenant_table('bank_statement_lines');

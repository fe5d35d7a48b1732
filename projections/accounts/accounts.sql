-- What an account is. Its resource stands here as its own last event left it; what moves without one (balances, blocks of
-- its ancestors, its customer's tier) is in columns and is put over it when it is read.
CREATE TABLE accounts (
  tenant_id         text    NOT NULL COLLATE "C",
  account_id        text    NOT NULL COLLATE "C",
  account_code      text    NOT NULL COLLATE "C",
  wallet_type       text    NOT NULL COLLATE "C",
  currency          text    NOT NULL COLLATE "C",
  kyc_tier          text    NOT NULL COLLATE "C",
  parent_account_id text    COLLATE "C",
  customer_id       text    COLLATE "C",
  -- Of a system account that holds what an account's holder owes: that account.
  receivable_of     text    COLLATE "C",
  -- Blocks of its own, and those taken together with its ancestors'.
  own_no_debit      boolean NOT NULL,
  own_no_credit     boolean NOT NULL,
  post_no_debit     boolean NOT NULL,
  post_no_credit    boolean NOT NULL,
  closed            boolean NOT NULL,
  status            text    NOT NULL COLLATE "C" GENERATED ALWAYS AS (
    CASE WHEN closed THEN 'closed' WHEN post_no_debit AND post_no_credit THEN 'frozen' ELSE 'active' END) STORED,
  resource          text    NOT NULL,
  PRIMARY KEY (tenant_id, account_id)
);
CREATE INDEX accounts_by_code ON accounts (tenant_id, account_code, account_id);
CREATE INDEX accounts_by_parent ON accounts (tenant_id, parent_account_id, account_id) WHERE parent_account_id IS NOT NULL;
CREATE INDEX accounts_by_customer ON accounts (tenant_id, customer_id, account_id) WHERE customer_id IS NOT NULL;
CREATE INDEX accounts_by_debtor ON accounts (tenant_id, receivable_of) WHERE receivable_of IS NOT NULL;
-- Of what most accounts have, a scan by id finds enough soon; of what few have, it would not.
CREATE INDEX accounts_not_active ON accounts (tenant_id, status, account_id) WHERE status <> 'active';
CREATE INDEX accounts_not_customer ON accounts (tenant_id, wallet_type, account_id) WHERE wallet_type <> 'customer';
SELECT daybook.tenant_table('accounts');

-- One narrow row an account, changed in place by every posting: nothing of it is indexed but its key.
CREATE TABLE account_balances (
  tenant_id    text    NOT NULL COLLATE "C",
  account_id   text    NOT NULL COLLATE "C",
  currency     text    NOT NULL COLLATE "C",
  debit_normal boolean NOT NULL,
  -- Minor units, on the account's normal side.
  balance      bigint  NOT NULL,
  held         bigint  NOT NULL,
  PRIMARY KEY (tenant_id, account_id)
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05);
SELECT daybook.tenant_table('account_balances');

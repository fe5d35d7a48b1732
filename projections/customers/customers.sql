CREATE TABLE customers (
  tenant_id    text  NOT NULL COLLATE "C",
  customer_id  text  NOT NULL COLLATE "C",
  kind         text  NOT NULL COLLATE "C",
  kyc_tier     text  NOT NULL COLLATE "C",
  -- Of the address in lower case; null where there is none or the customer is erased. An index on the text would compare it
  -- with operators that row-level security does not trust.
  email_digest bytea,
  resource     text  NOT NULL,
  PRIMARY KEY (tenant_id, customer_id)
);
CREATE INDEX customers_by_email ON customers (tenant_id, email_digest, customer_id) WHERE email_digest IS NOT NULL;
-- Of tier 1, which most are, a scan by id finds enough soon.
CREATE INDEX customers_of_higher_tiers ON customers (tenant_id, kyc_tier, customer_id) WHERE kyc_tier <> 'tier1';
SELECT daybook.tenant_table('customers');

-- KYC profiles of customers. Operators look through those of all tenants, so the role that stands above tenants reads all.
CREATE TABLE kyc_submissions (
  tenant_id         text        NOT NULL COLLATE "C",
  kyc_submission_id text        NOT NULL COLLATE "C",
  customer_id       text        NOT NULL COLLATE "C",
  kind              text        NOT NULL COLLATE "C",
  status            text        NOT NULL COLLATE "C",
  submitted_at      timestamptz NOT NULL,
  updated_at        timestamptz NOT NULL,
  -- Name, e-mail and phone in lower case: what `search` looks through; empty once the customer is erased.
  searched          text        NOT NULL,
  resource          text        NOT NULL,
  PRIMARY KEY (tenant_id, kyc_submission_id)
);
CREATE INDEX kyc_submissions_of_customer ON kyc_submissions (tenant_id, customer_id);
CREATE INDEX kyc_submissions_by_status ON kyc_submissions (tenant_id, status, kyc_submission_id);
CREATE INDEX kyc_submissions_by_kind ON kyc_submissions (kind, kyc_submission_id);
SELECT daybook.tenant_table('kyc_submissions', '{daybook_engine}');

-- Every decision there was: a profile that is submitted again forgets its last one.
CREATE TABLE kyc_decisions (
  tenant_id  text        NOT NULL COLLATE "C",
  revision   bigint      NOT NULL,
  decided_at timestamptz NOT NULL,
  approved   boolean     NOT NULL,
  PRIMARY KEY (tenant_id, revision)
);
CREATE INDEX kyc_decisions_by_time ON kyc_decisions (tenant_id, decided_at) INCLUDE (approved);
SELECT daybook.tenant_table('kyc_decisions');

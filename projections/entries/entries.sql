-- Every posting of an account with the balance after it, in the order of the stream: a balance as of a revision is the
-- last row at or before it.
CREATE TABLE entries (
  tenant_id      text        NOT NULL COLLATE "C",
  account_id     text        NOT NULL COLLATE "C",
  revision       bigint      NOT NULL,
  -- Place among the entries of its event, which with the event's ULID makes its id.
  index          int         NOT NULL,
  -- Has the event's ULID.
  transaction_id text        NOT NULL COLLATE "C",
  amount         bigint      NOT NULL,
  balance_after  bigint      NOT NULL,
  effective_at   timestamptz NOT NULL,
  currency       text        NOT NULL COLLATE "C",
  debit          boolean     NOT NULL,
  -- Effective before it was recorded.
  backdated      boolean     NOT NULL,
  PRIMARY KEY (tenant_id, account_id, revision, index)
);
CREATE INDEX entries_backdated_effective ON entries (tenant_id, account_id, effective_at) WHERE backdated;
CREATE INDEX entries_backdated_recorded ON entries (tenant_id, account_id, revision) WHERE backdated;
SELECT daybook.tenant_table('entries');

-- How back-dated entries bend the balance of the days between. An entry is in the running balance from when it was recorded
-- and in the effective balance from when it takes effect, so the one that is recorded on day 9 and effective on day 3 adds
-- its amount on day 3 and takes it away on day 9: the effective balance at the end of a day is the running balance then
-- plus the sum of the shifts up to that day. Who never back-dates has no row. Debits count above zero, credits below.
CREATE TABLE entry_shifts (
  tenant_id  text    NOT NULL COLLATE "C",
  account_id text    NOT NULL COLLATE "C",
  day        date    NOT NULL,
  -- Sums of a day, of which there may be more than an amount can be.
  shift      numeric NOT NULL,
  PRIMARY KEY (tenant_id, account_id, day)
) WITH (fillfactor = 70);
SELECT daybook.tenant_table('entry_shifts');

import type {
  BankStatementFacts,
  BankStatementLine,
  LineStatus,
  StatementFormat,
} from '#domain/reconciliation/reconciliation.js';
import { formatInstant, type Instant } from '#domain/time.js';
import { createdAt, opened, type Open } from './personal.js';

/** What a bank says of an account. Amounts are minor units of `currency`, above zero where the money is ours. */
export interface BankStatementResource {
  readonly object: 'bank_statement';
  readonly id: string;
  readonly account_id: string;
  /** The account's number or IBAN as the file says it. */
  readonly bank_account: string | null;
  readonly format: StatementFormat;
  readonly number: string;
  readonly currency: string;
  readonly opened_on: string;
  readonly closed_on: string;
  readonly opening_balance: number;
  readonly closing_balance: number;
  readonly line_count: number;
  readonly matched_count: number;
  readonly resolved_count: number;
  readonly unmatched_count: number;
  /** Hex: SHA-256 of the file. */
  readonly digest: string;
  readonly created_at: string;
  readonly updated_at: string;
}

export const renderBankStatement = (
  facts: BankStatementFacts,
  { updatedAt }: { readonly updatedAt: Instant },
  open: Open,
): BankStatementResource => ({
  object: 'bank_statement',
  id: facts.statement_id,
  account_id: facts.account_id,
  bank_account: opened(facts.bank_account ?? null, open),
  format: facts.format,
  number: facts.number,
  currency: facts.currency,
  opened_on: facts.opened_on,
  closed_on: facts.closed_on,
  opening_balance: facts.opening_balance,
  closing_balance: facts.closing_balance,
  line_count: facts.line_count,
  matched_count: facts.matched_count,
  resolved_count: facts.resolved_count,
  unmatched_count: facts.line_count - facts.matched_count - facts.resolved_count,
  digest: facts.digest,
  created_at: createdAt(facts.statement_id),
  updated_at: formatInstant(updatedAt),
});

export interface BankStatementLineResource {
  readonly object: 'bank_statement_line';
  readonly id: string;
  readonly statement_id: string;
  readonly amount: number;
  readonly currency: string;
  readonly booked_on: string;
  readonly value_on: string;
  readonly reference: string | null;
  readonly text: string | null;
  readonly status: LineStatus;
  readonly transaction_id: string | null;
  readonly reason: string | null;
  readonly updated_at: string;
}

export const renderBankStatementLine = (
  line: BankStatementLine,
  { statement_id, currency }: Pick<BankStatementFacts, 'statement_id' | 'currency'>,
  { updatedAt }: { readonly updatedAt: Instant },
  open: Open,
): BankStatementLineResource => ({
  object: 'bank_statement_line',
  id: line.line_id,
  statement_id,
  amount: line.amount,
  currency,
  booked_on: line.booked_on,
  value_on: line.value_on,
  reference: line.reference,
  text: opened(line.text, open),
  status: line.status,
  transaction_id: line.transaction_id,
  reason: opened(line.reason, open),
  updated_at: formatInstant(updatedAt),
});

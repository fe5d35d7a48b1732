/** Bank statements beside the books: what the bank says of an account, and which transaction each of its lines is. */
import type { Personal } from '../decision.js';
import type { Entry } from '../entries.js';
import type { LedgerFact } from '../ledger.js';

export const STATEMENT_FORMATS = ['camt053', 'mt940'] as const;
export type StatementFormat = (typeof STATEMENT_FORMATS)[number];

export const LINE_STATUSES = ['matched', 'unmatched', 'resolved'] as const;
export type LineStatus = (typeof LINE_STATUSES)[number];

/** A statement as an event leaves it. Amounts are minor units of `currency`, above zero where the bank has money of ours. */
export interface BankStatementFacts {
  readonly statement_id: string;
  /** The float or general account that the bank's is kept as. */
  readonly account_id: string;
  /** The account's number or IBAN as the file says it; left out where it says none. */
  readonly bank_account?: Personal;
  /** Hex: SHA-256 of the file. */
  readonly digest: string;
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
}

export interface BankStatementLine {
  readonly line_id: string;
  /** Above zero: came in, below: went out. */
  readonly amount: number;
  readonly booked_on: string;
  readonly value_on: string;
  readonly reference: string | null;
  readonly text: Personal | null;
  readonly status: LineStatus;
  /** The ledger transaction that it is. */
  readonly transaction_id: string | null;
  /** Why it was resolved by hand. */
  readonly reason: Personal | null;
}

export type ReconciliationEvent =
  | {
      readonly type: 'BankStatementImported';
      readonly data: { readonly bank_statement: BankStatementFacts; readonly lines: readonly BankStatementLine[] };
    }
  | {
      readonly type: 'BankStatementLineResolved';
      readonly data: { readonly bank_statement: BankStatementFacts; readonly line: BankStatementLine };
    };

export const statementKey = (statementId: string): string => `bst:${statementId}`;
export const statementLinesKey = (statementId: string): string => `bst-lines:${statementId}`;
export const digestKey = (digest: string): string => `bst-file:${digest}`;
export const lineKey = (lineId: string): string => `bsl:${lineId}`;
/**
 * Under it stands the event that said which line of the account's statements a transaction is. One between two accounts of ours
 * is a line of each bank's.
 */
export const reconciledKey = (transactionId: string, accountId: string): string =>
  `reconciled:${transactionId} ${accountId}`;

/** A transaction's own entries: of one that was reversed the latest event has the mirror's, and its own beside them. */
export const entriesOf = ({ data }: LedgerFact, transactionId: string): readonly Entry[] => {
  const isReversed = 'original' in data && data.original.transaction_id === transactionId;
  if (isReversed && 'original_entries' in data) return data.original_entries;
  return 'entries' in data ? data.entries : [];
};

/** What entries moved on an account, as its bank would say it: debits came in. */
export const bankAmount = (entries: readonly Entry[], accountId: string): number =>
  entries.reduce(
    (sum, { account_id, direction, amount }) =>
      account_id === accountId ? sum + (direction === 'debit' ? amount : -amount) : sum,
    0,
  );

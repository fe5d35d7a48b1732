import { accept, clear, refuse, type Decision, type Moment, type Refusal } from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import { cold, type TenantState } from '../state.js';
import {
  bankAmount,
  entriesOf,
  lineKey,
  reconciledKey,
  statementKey,
  statementLinesKey,
  type BankStatementFacts,
  type BankStatementLine,
} from './reconciliation.js';

export interface ResolveBankStatementLine {
  readonly type: 'ResolveBankStatementLine';
  readonly data: {
    readonly statement_id: string;
    readonly line_id: string;
    readonly reason: string;
    /** The transaction that it is, where somebody found it. */
    readonly transaction_id?: string;
  };
}

const lineOf = (state: TenantState, statementId: string, lineId: string): BankStatementLine | undefined => {
  const latest = cold(state, lineKey(lineId));
  if (latest !== null && 'line' in latest.data) return latest.data.line;
  const imported = cold(state, statementLinesKey(statementId));
  const lines = imported?.type === 'BankStatementImported' ? imported.data.lines : [];
  return lines.find(({ line_id }) => line_id === lineId);
};

/** A line is a transaction that moved the statement's account by the line's amount, and is no other line's. */
const refusalOf = (
  state: TenantState,
  transactionId: string,
  { amount }: BankStatementLine,
  { account_id, currency }: BankStatementFacts,
): Refusal | null => {
  const event = cold(state, `ltx:${transactionId}`);
  if (event === null) return refuse('invalid_parameter', 'transaction_id', 'There is no such transaction.');
  if (cold(state, reconciledKey(transactionId, account_id)) !== null) {
    return refuse('transaction_reconciled', 'transaction_id');
  }
  const moved = bankAmount(entriesOf(event, transactionId), account_id);
  if (moved === amount) return null;
  const said = `It moved ${account_id} by ${moved} minor units of ${currency}, the line is of ${amount}.`;
  return refuse('invalid_parameter', 'transaction_id', said);
};

/**
 * Somebody says what a line is that matched nothing. Refused: `bank_statement_not_found`, `invalid_state` (matched or
 * resolved already), `invalid_parameter` (no transaction that moved the account by the line's amount), `transaction_reconciled`.
 */
export const resolveBankStatementLine = (
  { data }: ResolveBankStatementLine,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const latest = cold(state, statementKey(data.statement_id));
  const line = lineOf(state, data.statement_id, data.line_id);
  if (latest === null || !('bank_statement' in latest.data) || line === undefined) {
    return refuse('bank_statement_not_found');
  }
  if (line.status !== 'unmatched') return refuse('invalid_state', undefined, `The line is ${line.status} already.`);
  const { transaction_id } = data;
  const { bank_statement } = latest.data;
  if (transaction_id !== undefined) {
    const refusal = refusalOf(state, transaction_id, line, bank_statement);
    if (refusal !== null) return refusal;
  }
  return accept<LedgerDraft>({
    id: moment.nextUlid(),
    type: 'BankStatementLineResolved',
    data: {
      bank_statement: { ...bank_statement, resolved_count: bank_statement.resolved_count + 1 },
      line: { ...line, status: 'resolved', transaction_id: transaction_id ?? null, reason: clear(data.reason) },
    },
    subject: state.tenant.value?.id as string,
  });
};

import type { Account } from '../accounts/accounts.js';
import { accept, clear, refuse, unchanged, type Decision, type Moment } from '../decision.js';
import { LedgerInconsistent } from '../entries.js';
import { idOf, ulidAfter, type Ulid } from '../ids.js';
import type { LedgerDraft, LedgerEvent } from '../ledger.js';
import { cold, type TenantState } from '../state.js';
import { dayAfter } from '../time.js';
import {
  bankAmount,
  digestKey,
  entriesOf,
  reconciledKey,
  statementKey,
  type BankStatementFacts,
  type BankStatementLine,
  type StatementFormat,
} from './reconciliation.js';

export interface ImportBankStatement {
  readonly type: 'ImportBankStatement';
  readonly data: Pick<
    BankStatementFacts,
    'account_id' | 'digest' | 'number' | 'currency' | 'opened_on' | 'closed_on' | 'opening_balance' | 'closing_balance'
  > & {
    /** The account's number or IBAN, as the file says it. */
    readonly bank_account?: string;
    readonly format: StatementFormat;
    readonly lines: readonly (Pick<BankStatementLine, 'amount' | 'booked_on' | 'value_on' | 'reference'> & {
      readonly text: string | null;
      /** Which transaction it seems to be; looked at again here. */
      readonly transaction_id: string | null;
    })[];
  };
}

type Data = ImportBankStatement['data'];

/**
 * Takes a statement whose balances were found to add up. The same file again changes nothing. A match that is none any more
 * (another line has the transaction, or it moved something else on the account) is left open.
 *
 * Refused, in this order: `account_not_found`, `invalid_parameter` (an account of customers), `currency_mismatch`,
 * `invalid_bank_statement` (ahead of today).
 */
export const importBankStatement = (
  { data }: ImportBankStatement,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const known = cold(state, digestKey(data.digest));
  if (known !== null) return unchanged(standingOf(known, state, moment));
  const account = state.accounts.get(data.account_id);
  if (!account || account.terms.walletType === 'system') return refuse('account_not_found', 'account_id');
  const { walletType, currency } = account.terms;
  if (walletType !== 'float' && walletType !== 'general') {
    return refuse('invalid_parameter', 'account_id', 'A bank keeps a float or a general account, none of customers.');
  }
  if (currency !== data.currency) {
    return refuse('currency_mismatch', 'file', `The statement is in ${data.currency}, the account in ${currency}.`);
  }
  if (data.closed_on > dayAfter(moment.localDate)) {
    return refuse('invalid_bank_statement', 'file', 'It ends after today.');
  }
  const id = moment.nextUlid();
  const lines = linesOf(data, account, id, state);
  const { account_id, digest, format, number, opened_on, closed_on, opening_balance, closing_balance } = data;
  const bank_statement: BankStatementFacts = {
    statement_id: idOf('bank_statement', id),
    account_id,
    ...(data.bank_account === undefined ? {} : { bank_account: clear(data.bank_account) }),
    digest,
    format,
    number,
    currency,
    opened_on,
    closed_on,
    opening_balance,
    closing_balance,
    line_count: lines.length,
    matched_count: lines.filter(({ status }) => status === 'matched').length,
    resolved_count: 0,
  };
  const subject = state.tenant.value?.id as string;
  return accept<LedgerDraft>({ id, type: 'BankStatementImported', data: { bank_statement, lines }, subject });
};

const linesOf = (data: Data, account: Account, id: Ulid, state: TenantState): BankStatementLine[] => {
  const taken = new Set<string>();
  return data.lines.map(({ amount, booked_on, value_on, reference, text, transaction_id }, i) => {
    const matches =
      transaction_id !== null && !taken.has(transaction_id) && isIt(state, transaction_id, account.id, amount);
    if (matches) taken.add(transaction_id);
    return {
      line_id: idOf('bank_statement_line', ulidAfter(id, i + 1)),
      amount,
      booked_on,
      value_on,
      reference,
      text: text === null ? null : clear(text),
      status: matches ? 'matched' : 'unmatched',
      transaction_id: matches ? transaction_id : null,
      reason: null,
    };
  });
};

const isIt = (state: TenantState, transactionId: string, accountId: string, amount: number): boolean => {
  if (cold(state, reconciledKey(transactionId, accountId)) !== null) return false;
  const event = cold(state, `ltx:${transactionId}`);
  return event !== null && bankAmount(entriesOf(event, transactionId), accountId) === amount;
};

const standingOf = (known: LedgerEvent, state: TenantState, moment: Moment): LedgerDraft => {
  if (known.type !== 'BankStatementImported') throw new LedgerInconsistent('a statement’s file is another event’s');
  const latest = cold(state, statementKey(known.data.bank_statement.statement_id));
  const bank_statement =
    latest !== null && 'bank_statement' in latest.data ? latest.data.bank_statement : known.data.bank_statement;
  return {
    id: moment.nextUlid(),
    type: 'BankStatementImported',
    data: { bank_statement, lines: [] },
    subject: state.tenant.value?.id as string,
  };
};

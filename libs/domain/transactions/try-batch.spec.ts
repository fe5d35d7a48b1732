import type { Command } from '../commands.js';
import type { LedgerDraft } from '../ledger.js';
import type { Decision } from '../decision.js';
import { account, deposit, given, outcomeOf, tenant, type Given } from '../spec-support.js';
import type { PostTransactionData } from './post-transaction.js';
import { fee, UNKNOWN } from './spec-commands.js';

const attempt = (...transactions: readonly PostTransactionData[]): Command => ({
  type: 'TryBatch',
  data: { transactions },
});
const move = (amount: number, differing: Partial<PostTransactionData> = {}): PostTransactionData => ({
  type: 'transfer',
  amount,
  currency: 'NGN',
  source: '@ada',
  destination: '@bob',
  ...differing,
});

const rich = [tenant(), account('ada'), account('bob'), deposit('ada', 100)];

/** What each line came to, with the code and the rule of one that failed. */
const lines = ({ book }: Given, command: Command): string[] => {
  const decision = book.decide(command);
  if (decision.kind !== 'accepted') throw new RangeError(outcomeOf(decision));
  expect(decision.events).toEqual([]);
  return (decision.lines ?? []).map((line: Decision<LedgerDraft>) => {
    const last = line.kind === 'accepted' ? line.events.at(-1) : undefined;
    if (last?.type !== 'TransactionFailed') return outcomeOf(line);
    const { failure_code, failure_rule } = last.data.transaction;
    return `failed: ${failure_code}${failure_rule === null ? '' : ' by rule'}`;
  });
};

describe('TryBatch', () => {
  it('decides each line on what the ones before it would leave, whatever became of those', () => {
    const told = lines(
      given(...rich),
      attempt(
        move(60),
        move(60),
        move(0),
        move(1, { source: UNKNOWN }),
        move(40, { reference: 'r1' }),
        move(1, { source: '@bob', destination: '@ada', reference: 'r1' }),
        move(100, { source: '@bob', destination: '@ada' }),
      ),
    );
    expect(told).toEqual([
      'TransactionPosted',
      'failed: insufficient_funds',
      'refused: amount_not_positive (amount)',
      'refused: account_not_found (source)',
      'TransactionPosted',
      'refused: duplicate_reference (reference)',
      'TransactionPosted',
    ]);
  });

  it('does not use up the reference of a line that would fail', () => {
    expect(lines(given(...rich), attempt(move(101, { reference: 'r1' }), move(1, { reference: 'r1' })))).toEqual([
      'failed: insufficient_funds',
      'TransactionPosted',
    ]);
  });

  it('names the rule that would stop a line', () => {
    const told = lines(given(...rich, fee()), attempt(move(95, { channel: 'funds_transfer' })));
    expect(told).toEqual(['failed: insufficient_funds by rule']);
  });

  it('leaves everything as it was', () => {
    const at = given(...rich);
    const before = at.book.state.accounts.get(at.book.id('ada'));
    lines(
      at,
      attempt(move(60, { reference: 'r1' }), { type: 'deposit', amount: 1, currency: 'USD', destination: '@bob' }),
    );
    expect(at.book.state.accounts.get(at.book.id('ada'))).toBe(before);
    expect(at.book.state.systemAccounts.size).toBe(1);
    expect([...at.book.state.cold]).toEqual([['ref:r1', null]]);
  });

  it.each([0, 101])('is no batch with %d lines', (count) => {
    const command = attempt(...Array.from({ length: count }, () => move(1)));
    expect(given(...rich).when(command).outcome).toBe('refused: invalid_parameter (transactions)');
  });
});

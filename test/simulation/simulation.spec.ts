/** The ledger against an independent oracle, on random histories: the same verdicts, sums, holds, limits and fees. */
import { LONGEST, simulate, type Plan } from './run.js';
import { told } from './told.js';

const SEED = Number(process.env.DAYBOOK_SIMULATION_SEED ?? 1);
const COMMANDS = Number(process.env.DAYBOOK_SIMULATION_COMMANDS ?? 100_000);

/** Why postings, holds and purchases are refused: each must have come about, or the figure says little. */
const REASONS = [
  'insufficient_funds',
  'account_frozen',
  'account_closed',
  'currency_mismatch',
  'limit_exceeded',
  'max_balance_exceeded',
  'max_single_transaction_exceeded',
  'unbalanced_entries',
  'same_account',
  'effective_at_out_of_range',
  'fee_payer_missing',
  'amount_exceeds_reservation',
  'card_inactive',
  'card_suspended',
  'card_terminated',
  'expired_card',
  'category_blocked',
  'spending_limit_exceeded',
  'tenant_suspended',
  'tenant_inactive',
  'entitlement_required',
  'duplicate_reference',
  'already_reversed',
];

const simulated = (plan: Pick<Plan, 'commands' | 'extremes'>): ReadonlyMap<string, number> => {
  const { commands, histories, verdicts, failure } = simulate({
    ...plan,
    seed: SEED,
    longest: LONGEST[plan.extremes ? 'extremes' : 'ordinary'],
  });
  if (failure) throw new Error(told(failure));
  const kind = plan.extremes ? 'with amounts at the end of the range of numbers' : 'beside the oracle';
  process.stdout.write(
    `simulation: ${commands} commands ${kind} in ${histories} histories, seed ${SEED}: no difference\n`,
  );
  return verdicts;
};

describe('beside an independent oracle', () => {
  it('random commands come to the same', () => {
    const verdicts = simulated({ commands: COMMANDS, extremes: false });
    const reasons = new Set([...verdicts.keys()].map((key) => key.replace(/^.*: /, '')));
    if (COMMANDS >= 100_000) expect(REASONS.filter((reason) => !reasons.has(reason))).toEqual([]);
  }, 600_000);

  it('and so do amounts at the end of the range of numbers', () => {
    simulated({ commands: COMMANDS / 20, extremes: true });
  }, 600_000);
});

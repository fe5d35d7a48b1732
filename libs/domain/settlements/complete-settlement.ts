import type { Account } from '../accounts/accounts.js';
import { replaced } from '../changes.js';
import { accept, personalMetadata, refuse, type Decision, type Moment } from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import { minor, subtract, type Minor } from '../money.js';
import { Posting } from '../posting.js';
import type { TenantState } from '../state.js';
import { formatInstant } from '../time.js';
import { amountRefusal, withinRange } from '../transactions/recording.js';
import { SETTLEMENT_CLEARING } from './net-settlement.js';
import { settlementTransaction } from './settlement-transaction.js';
import type { SettlementFacts } from './settlements.js';
import { payableSettlement } from './standing.js';

export interface CompleteSettlement {
  readonly type: 'CompleteSettlement';
  readonly data: {
    readonly settlement_id: string;
    /** Minor units that were paid, in the direction of the settlement's net. */
    readonly amount: number;
    /** The bank's or the network's, to be matched with its statement. */
    readonly reference?: string;
  };
}

/**
 * What the network paid or was paid. It is a fact from outside: it posts whatever the account has, and the tenant's status
 * does not matter (DECISIONS 26, 97). What was not as the net said stands in `suspense`.
 *
 * Refused, in this order: `invalid_parameter`, `amount_not_positive` (zero only where nothing is owed),
 * `amount_out_of_range`, `settlement_not_found`, `invalid_state`.
 */
export const completeSettlement = (
  { data }: CompleteSettlement,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const malformed = data.amount === 0 ? null : amountRefusal(data.amount, 'amount');
  if (malformed !== null) return malformed;
  const settlement = payableSettlement(state, data.settlement_id);
  if ('kind' in settlement) return settlement;
  if (data.amount === 0 && settlement.net !== 0) return refuse('amount_not_positive', 'amount');
  return withinRange(() => complete(data, settlement, state, moment));
};

/** The tenant's settlement account where it can take it, else the main float of the currency (DECISIONS 27). */
const paymentAccount = (state: TenantState, posting: Posting, currency: string): Account => {
  const named = state.accounts.get(state.financeSettings.value.settlement_account_id ?? '');
  const fits = named !== undefined && named.terms.currency === currency && !named.extras.closed;
  return fits ? named : posting.system('float', currency);
};

const complete = (
  { amount, reference }: CompleteSettlement['data'],
  settlement: SettlementFacts,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const due = minor(Math.abs(settlement.net));
  const paid = amount as Minor;
  const { localDate: local_date, businessDate: business_date } = moment;
  const subject = state.tenant.value?.id as string;
  const completed: SettlementFacts = {
    ...settlement,
    status: 'completed',
    completed_at: formatInstant(moment.at),
    paid_amount: paid,
    difference: subtract(paid, due),
    payment_reference: reference ?? null,
  };
  if (paid === 0 && due === 0) {
    const data = { local_date, business_date, settlement: completed, previous: replaced(settlement, completed) };
    return accept<LedgerDraft>({ id: moment.nextUlid(), type: 'SettlementCompleted', data, subject });
  }
  const posting = new Posting(state, moment);
  const account = paymentAccount(state, posting, settlement.currency);
  pay(posting, settlement, account, due, paid);
  const told: SettlementFacts = { ...completed, payment_account_id: account.id };
  const clearing = posting.system(SETTLEMENT_CLEARING, settlement.currency).id;
  const id = moment.nextUlid();
  const transaction = settlementTransaction(id, {
    type: 'settlement_payment',
    amount: paid,
    currency: settlement.currency,
    source: settlement.net >= 0 ? account.id : clearing,
    destination: settlement.net >= 0 ? clearing : account.id,
    effectiveAt: moment.at,
    metadata: personalMetadata({
      settlement_id: settlement.settlement_id,
      ...(reference === undefined ? {} : { payment_reference: reference }),
    }),
  });
  const data = {
    local_date,
    business_date,
    settlement: told,
    transaction,
    entries: posting.balanced(),
    previous: replaced(settlement, told),
  };
  return accept<LedgerDraft>(...posting.opened, { id, type: 'SettlementCompleted', data, subject });
};

/** All that was due leaves the clearing account, what was paid the other; `suspense` takes the difference. */
const pay = (posting: Posting, { net, currency }: SettlementFacts, account: Account, due: Minor, paid: Minor): void => {
  // Towards the network the clearing account is debited, else credited.
  const [clearingSide, accountSide] = net >= 0 ? (['debit', 'credit'] as const) : (['credit', 'debit'] as const);
  if (due > 0) posting.post(posting.system(SETTLEMENT_CLEARING, currency), clearingSide, due);
  if (paid > 0) posting.post(account, accountSide, paid);
  const difference = subtract(paid, due);
  if (difference === 0) return;
  const side = difference > 0 ? clearingSide : accountSide;
  posting.post(posting.system('suspense', currency), side, minor(Math.abs(difference)));
};

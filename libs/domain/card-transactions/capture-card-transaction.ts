import type { Account } from '../accounts/accounts.js';
import type { Card } from '../cards/cards.js';
import { refuse, type Decision, type Metadata, type Moment } from '../decision.js';
import { idOf } from '../ids.js';
import type { LedgerDraft, LedgerEvent } from '../ledger.js';
import { spendHeld, uncountHeld } from '../limits/held-counts.js';
import { add, smaller, subtract, ZERO, type Minor } from '../money.js';
import { Posting } from '../posting.js';
import type { TenantState } from '../state.js';
import { formatInstant } from '../time.js';
import { amountRefusal, withinRange } from '../transactions/recording.js';
import type { CardTransaction, CardTransactionEvent } from './card-transactions.js';
import { channelOf, clearingPosted, takeFrom } from './clearing.js';
import { firstOutcome, metadataWith, repeated } from './network-messages.js';
import { cardTransactionOf, withElement } from './standing.js';

export interface CaptureCardTransaction {
  readonly type: 'CaptureCardTransaction';
  readonly data: {
    readonly card_transaction_id: string;
    /** Minor units of the card transaction's currency. */
    readonly amount: number;
    /** Whether nothing more is to come, so that the rest of the hold is given back; true where it is left out. */
    readonly final?: boolean;
    readonly network_reference: string;
    readonly metadata?: Metadata;
  };
}

type CaptureData = CaptureCardTransaction['data'];

/**
 * The network cleared a purchase: from its hold first, whatever else is held, beyond that from what is available, and what is
 * lacking becomes a receivable. After expiry, a decline or an earlier final capture there is no hold, and it posts all the same. Ignores
 * blocks, the card's status and the tenant's.
 *
 * Refused, in this order, with nothing appended: `invalid_parameter`, `amount_not_positive`, `amount_out_of_range`; then
 * a message that came before is answered again; then `card_transaction_not_found`; `invalid_state` for a posted credit.
 */
export const captureCardTransaction = (
  { data }: CaptureCardTransaction,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const malformed = amountRefusal(data.amount, 'amount');
  if (malformed !== null) return malformed;
  const first = firstOutcome(state, 'clearing', data.network_reference);
  if (first !== null) return repeated(state, first, isSameCapture(data, first));
  const purchase = cardTransactionOf(state, data.card_transaction_id);
  if (purchase === null) return refuse('card_transaction_not_found');
  if (purchase.direction === 'credit')
    return refuse('invalid_state', undefined, 'A posted credit has nothing to capture.');
  return withinRange(() => capture(data, purchase, state, moment));
};

const isSameCapture = (data: CaptureData, first: LedgerEvent & CardTransactionEvent): boolean => {
  const told = first.data.card_transaction;
  const last = told.elements.at(-1);
  if (first.type !== 'CardTransactionPosted' || last?.amount !== data.amount) return false;
  if (told.card_transaction_id !== data.card_transaction_id) return false;
  // The post that began it.
  if (told.elements.length === 1) return false;
  // `final` shows only where it made a difference: something was still held, or more given back than captured.
  const gaveBack = -(first.data.holds[0]?.amount ?? 0);
  return data.final === false ? gaveBack <= data.amount : told.amounts.held === 0;
};

const capture = (
  data: CaptureData,
  purchase: CardTransaction,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const amount = data.amount as Minor;
  const account = state.accounts.get(purchase.account_id) as Account;
  const before = purchase.amounts;
  const held = before.held as Minor;
  const backed = smaller(amount, held);
  const rest = data.final === false ? ZERO : subtract(held, backed);
  const remaining = subtract(subtract(held, backed), rest);
  const over = subtract(amount, backed);
  const posting = new Posting(state, moment);
  const spent = spendHeld(purchase.counted ?? [], backed);
  const counts = uncountHeld(posting, account, spent, rest);
  // What was held is counted already; what goes beyond it counts now and is refused by nothing.
  posting.countCleared(account, over);
  if (backed + rest > 0) posting.hold(account, subtract(ZERO, add(backed, rest)));
  const channel = channelOf(state.cards.get(purchase.card_id) as Card);
  const own = smaller(backed, subtract(held, (purchase.unbacked ?? ZERO) as Minor));
  const { fees, lacking, line } = takeFrom(posting, account, amount, { own, remaining }, channel, state, moment);

  const id = moment.nextUlid();
  const captured = withElement(
    { ...purchase, metadata: metadataWith(purchase.metadata, data.metadata) },
    {
      type: 'capture',
      amount,
      at: formatInstant(moment.at),
      network_reference: data.network_reference,
      transaction_id: idOf('transaction', id),
    },
    {
      released: add(before.released as Minor, rest),
      captured: add(before.captured as Minor, amount),
      over_captured: add(before.over_captured as Minor, over),
      held: remaining,
      receivable: add(before.receivable as Minor, lacking),
    },
    counts,
  );
  const facts = { type: 'card_capture', amount, channel, fees, effectiveAt: moment.at, line } as const;
  return clearingPosted(id, posting, account, purchase, captured, facts, moment);
};

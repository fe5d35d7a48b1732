import { clear, personalMetadata, refuse, type Decision, type Metadata, type Moment } from '../decision.js';
import type { Side } from '../entries.js';
import type { LedgerDraft } from '../ledger.js';
import { isCurrency, minor, type Minor } from '../money.js';
import { clampedTime } from '../periods/periods.js';
import { Posting } from '../posting.js';
import type { TenantState } from '../state.js';
import { parseInstant } from '../time.js';
import { amountRefusal, isUsed, posted, withinRange } from '../transactions/recording.js';
import { accrue } from './accrue.js';
import { settlementTransaction } from './settlement-transaction.js';
import { NETWORK_PAYABLE } from './settlements.js';
import { settlementOf } from './standing.js';

export const NETWORK_ITEM_TYPES = ['network_fee', 'interchange', 'settlement_adjustment'] as const;
export type NetworkItemType = (typeof NETWORK_ITEM_TYPES)[number];

export interface RecordNetworkItem {
  readonly type: 'RecordNetworkItem';
  readonly data: {
    readonly type: NetworkItemType;
    /** Minor units. */
    readonly amount: number;
    readonly currency: string;
    /** `credit` owes the network more, `debit` less. By itself a fee is a credit and interchange a debit. */
    readonly direction?: Side;
    /** RFC 3339: when the network made it; now, where it is left out or lies ahead. */
    readonly posted_at?: string;
    /** The earlier settlement that it puts right. */
    readonly corrects?: string;
    readonly reference?: string;
    readonly narration?: string;
    readonly metadata?: Metadata;
  };
}

/** What stands against `network_payable`, and on which side of that an item is where its message does not say. */
const TERMS: { readonly [T in NetworkItemType]: { readonly account: string; readonly direction: Side | null } } = {
  network_fee: { account: 'fee_expense', direction: 'credit' },
  interchange: { account: 'interchange', direction: 'debit' },
  settlement_adjustment: { account: 'suspense', direction: null },
};

const LINE = { network_fee: 'fee', interchange: 'fee', settlement_adjustment: 'adjustment' } as const;

/**
 * What the network charges, pays or puts right beside the purchases: a line of the settlement that is open. Posts whatever
 * the tenant is.
 *
 * Refused, in this order: `invalid_parameter`, `amount_not_positive`, `amount_out_of_range`, `invalid_currency`,
 * `missing_field` (direction), `invalid_parameter` (posted_at, corrects), `duplicate_reference`.
 */
export const recordNetworkItem = (
  { data }: RecordNetworkItem,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const malformed = amountRefusal(data.amount, 'amount');
  if (malformed !== null) return malformed;
  if (!isCurrency(data.currency)) return refuse('invalid_currency', 'currency');
  const direction = data.direction ?? TERMS[data.type].direction;
  if (direction === null) return refuse('missing_field', 'direction');
  if (data.posted_at !== undefined && parseInstant(data.posted_at) === undefined) {
    return refuse('invalid_parameter', 'posted_at');
  }
  if (data.corrects !== undefined) {
    const corrected = settlementOf(state, data.corrects);
    if (corrected === null) return refuse('invalid_parameter', 'corrects', 'No settlement has this id.');
    if (corrected.currency !== data.currency) {
      return refuse('invalid_parameter', 'corrects', 'That settlement is of another currency.');
    }
  }
  if (isUsed(data.reference, state)) return refuse('duplicate_reference', 'reference');
  return withinRange(() => record(data, direction, state, moment));
};

const record = (
  data: RecordNetworkItem['data'],
  direction: Side,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const { type, currency } = data;
  const amount = data.amount as Minor;
  const posting = new Posting(state, moment);
  const payable = posting.system(NETWORK_PAYABLE, currency);
  const other = posting.system(TERMS[type].account, currency);
  const [source, destination] = direction === 'credit' ? [other, payable] : [payable, other];
  posting.post(source, 'debit', amount);
  posting.post(destination, 'credit', amount);
  const occurredAt = parseInstant(data.posted_at ?? '') ?? moment.at;
  const settlement_line = accrue(state, moment, posting.opened, {
    type: LINE[type],
    amount: direction === 'credit' ? amount : minor(-amount),
    currency,
    occurredAt: Math.min(occurredAt, moment.at),
    ...(data.corrects === undefined ? {} : { corrects: data.corrects }),
  });
  const id = moment.nextUlid();
  const transaction = settlementTransaction(id, {
    type,
    amount,
    currency,
    source: source.id,
    destination: destination.id,
    effectiveAt: clampedTime(state, occurredAt, moment.at).at,
    reference: data.reference ?? null,
    narration: data.narration === undefined ? null : clear(data.narration),
    metadata: personalMetadata(data.metadata),
  });
  return posted(id, transaction, posting, moment, state.tenant.value?.id as string, { settlement_line });
};

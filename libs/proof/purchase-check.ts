/**
 * Card transactions: from how an event leaves one and from its last element follows how it was before, which must be how
 * the event before left it. That way a purchase is checked however long ago it was settled, and none is kept in memory.
 */
import type { CardAmounts, CardTransactionFacts, Element } from '#domain/card-transactions/card-transactions.js';
import { kindOf } from '#domain/card-transactions/card-transactions.js';
import type { HeldCounts } from '#domain/limits/held-counts.js';
import type { LedgerEvent } from '#domain/ledger.js';
import type { LimitUse } from '#domain/limits/limit-uses.js';
import { formatInstant } from '#domain/time.js';
import { counted, givenBack, spent } from './held-counts.js';
import { isCounted, roomOf, use } from './limit-check.js';
import { creditsTo } from './movements.js';
import { accountOf, isReceivable, type AccountStanding, type Standing } from './standing.js';
import { must } from './wrong.js';

export interface PurchaseStep {
  readonly id: string;
  /** As it must have been; null: this event begins it. */
  readonly before: object | null;
  readonly after: object;
  /** What the event has to count towards limits. */
  readonly uses: readonly LimitUse[];
  /** Kind and reference of the network's message, each once. */
  readonly message: string | null;
}

type Sums = { -readonly [K in keyof CardAmounts]: number };

/** What one event says about a purchase. */
interface Said {
  readonly facts: CardTransactionFacts;
  readonly element: Element;
  readonly account: AccountStanding;
  readonly day: string;
  /** By how much it changed what is held. */
  readonly held: number;
  /** By how much it raised what the holder owes. */
  readonly owed: number;
  readonly begins: boolean;
}

const saidBy = (standing: Standing, event: LedgerEvent): Said | null => {
  const { data } = event;
  const facts = 'card_transaction' in data ? data.card_transaction : 'purchase' in data ? data.purchase : undefined;
  if (facts === undefined || !('local_date' in data)) return null;
  const account = accountOf(standing, facts.account_id);
  const holds = 'holds' in data ? data.holds : [];
  must(
    holds.every(({ account_id }) => account_id === account.id),
    () => `it holds on another account than ${account.id}, whose card it is`,
  );
  const element = facts.elements.at(-1);
  must(element !== undefined, () => `${facts.card_transaction_id} has no element`);
  const debts =
    'entries' in data
      ? -creditsTo(
          standing,
          data.entries.filter(({ direction }) => direction === 'debit'),
          isReceivable,
        )
      : 0;
  return {
    facts,
    element: element as Element,
    account,
    day: data.local_date,
    held: holds.reduce((sum, { amount }) => sum + amount, 0),
    owed: debts,
    begins: facts.card_transaction_id === `txn_${event.id}`,
  };
};

/** The sums before the last element. What changed what is held must be what the event's holds changed. */
const sumsBefore = ({ facts, element, held, owed }: Said): Sums => {
  const sums: Sums = { ...facts.amounts };
  const { amount } = element;
  let change = 0;
  switch (element.type) {
    case 'authorization':
      sums.authorized -= amount;
      change = amount;
      break;
    case 'increment':
      sums.incremented -= amount;
      change = amount;
      break;
    case 'advice':
      must(facts.amounts.held === amount, () => `its advice makes the hold ${amount}, it says ${facts.amounts.held}`);
      sums.incremented -= Math.max(held, 0);
      sums.reversed -= Math.max(-held, 0);
      change = held;
      break;
    case 'reversal':
      sums.reversed -= amount;
      change = -amount;
      break;
    case 'expiry':
      sums.expired -= amount;
      change = -amount;
      break;
    case 'capture': {
      const backed = Math.min(amount, facts.amounts.held - held);
      sums.captured -= amount;
      sums.over_captured -= amount - backed;
      sums.released -= -held - backed;
      sums.receivable -= owed;
      change = held;
      break;
    }
    case 'credit':
      sums.captured -= amount;
      sums.over_captured -= amount;
      break;
    case 'refund':
      sums.refunded -= amount;
      break;
    case 'refund_reversal':
      sums.refunded += amount;
      break;
    case 'decline':
    case 'increment_declined':
      break;
  }
  must(change === held, () => `its ${element.type} changes what is held by ${change}, its holds by ${held}`);
  sums.held -= held;
  return sums;
};

const statusOf = (direction: string, { refunded, captured, held, expired, authorized }: CardAmounts): string => {
  if (refunded > 0) return refunded < captured ? 'partially_refunded' : 'refunded';
  if (captured > 0) return held === 0 ? 'captured' : 'partially_captured';
  if (held > 0) return 'authorized';
  if (expired > 0) return 'expired';
  return authorized === 0 && direction === 'debit' ? 'declined' : 'reversed';
};

const checkSums = (facts: CardTransactionFacts): void => {
  const { direction, status, amounts, unbacked = 0, card_transaction_id: id } = facts;
  for (const [name, sum] of Object.entries(amounts) as [string, number][]) {
    must(Number.isSafeInteger(sum) && sum >= 0, () => `${name} of ${id} is ${sum}`);
  }
  const { authorized, incremented, reversed, expired, released, captured: all, over_captured: over } = amounts;
  const held = authorized + incremented - reversed - expired - released - (all - over);
  must(held === amounts.held, () => `${id} holds ${amounts.held}, its sums leave ${held}`);
  must(unbacked <= held, () => `of ${id} ${unbacked} are said to be held without money, it holds ${held}`);
  const due = statusOf(direction, amounts);
  must(status === due, () => `${id} is called ${status}, by its sums it is ${due}`);
};

/** What of the hold is counted afterwards, and what the event counts or gives back. */
const counting = (
  standing: Standing,
  { facts, element, account, day, held }: Said,
  before: HeldCounts,
): { after: HeldCounts; uses: LimitUse[] } => {
  const back = (counts: HeldCounts, amount: number): { after: HeldCounts; uses: LimitUse[] } => {
    const { left, taken } = givenBack(counts, amount);
    return { after: left, uses: taken.flatMap((one) => use(account, 'outbound', -one.amount, one.counted_on)) };
  };
  if (element.type === 'capture') {
    const backed = Math.min(element.amount, facts.amounts.held - held);
    const { after, uses } = back(spent(before, backed), -held - backed);
    const over = Math.min(element.amount - backed, roomOf(standing, account, day));
    return { after, uses: [...uses, ...use(account, 'outbound', over, day)] };
  }
  if (held > 0 && isCounted(account))
    return { after: counted(before, held, day), uses: use(account, 'outbound', held, day) };
  return held < 0 ? back(before, -held) : { after: before, uses: [] };
};

const NOTHING: Sums = {
  authorized: 0,
  incremented: 0,
  reversed: 0,
  expired: 0,
  released: 0,
  captured: 0,
  over_captured: 0,
  refunded: 0,
  held: 0,
  receivable: 0,
};

/** What makes a card transaction what it is, without what is checked by itself. */
const asStated = ({ counted: _counted, unbacked: _unbacked, ...facts }: CardTransactionFacts): object => facts;

const beforeOf = (event: LedgerEvent, { facts }: Said, amounts: Sums): object => {
  const { data } = event;
  const { pushed_out, ...previous } = ('previous' in data ? data.previous : {}) as Partial<CardTransactionFacts> & {
    readonly pushed_out?: Element;
  };
  must(
    previous.amounts === undefined || JSON.stringify(previous.amounts) === JSON.stringify(sorted(amounts)),
    () =>
      `it says that the sums before were ${JSON.stringify(previous.amounts)}, they were ${JSON.stringify(sorted(amounts))}`,
  );
  const elements =
    pushed_out === undefined
      ? facts.elements.slice(0, -1)
      : [...facts.elements.slice(0, 1), pushed_out, ...facts.elements.slice(1, -1)];
  return { ...asStated(facts), ...previous, amounts, elements, status: statusOf(facts.direction, amounts) };
};

const sorted = (sums: Sums): object => Object.fromEntries(Object.entries(sums).sort(([a], [b]) => (a < b ? -1 : 1)));

const checkElement = (event: LedgerEvent, { element }: Said): void => {
  const at = formatInstant(event.at);
  must(element.at === at, () => `its element is of ${element.at}, it was recorded at ${at}`);
  const posted = 'transaction' in event.data ? (event.data.transaction?.transaction_id ?? null) : null;
  must(
    element.transaction_id === posted,
    () => `its element names the transaction ${element.transaction_id}, it posts ${posted}`,
  );
};

const checkBeginning = (standing: Standing, { facts, account }: Said, sums: Sums): void => {
  must(facts.elements.length === 1, () => `${facts.card_transaction_id} begins with ${facts.elements.length} elements`);
  must(
    (Object.keys(NOTHING) as (keyof Sums)[]).every((name) => sums[name] === 0),
    () => `the sums of ${facts.card_transaction_id} are more than its first element`,
  );
  const card = standing.cards.get(facts.card_id);
  must(card?.accountId === account.id, () => `${facts.card_id} is no card of ${account.id}`);
};

/** Null of an event about no card transaction. To be asked when its entries and holds were applied. */
export const purchaseStep = (standing: Standing, event: LedgerEvent): PurchaseStep | null => {
  const said = saidBy(standing, event);
  if (said === null) return null;
  const { facts, element, begins } = said;
  const id = facts.card_transaction_id;
  checkElement(event, said);
  const before = sumsBefore(said);
  checkSums(facts);
  if (begins) checkBeginning(standing, said, before);
  const { after, uses } = counting(standing, said, standing.heldCounts.get(id) ?? []);
  const stated = facts.counted ?? [];
  must(
    JSON.stringify(stated) === JSON.stringify(after.map(({ amount, counted_on }) => ({ amount, counted_on }))),
    () => `of what ${id} holds, it says that ${JSON.stringify(stated)} is counted, due is ${JSON.stringify(after)}`,
  );
  if (facts.amounts.held > 0) standing.heldCounts.set(id, stated);
  else standing.heldCounts.delete(id);
  const kind = kindOf(element.type);
  const message =
    kind === null || element.network_reference === null ? null : `net:${kind}:${element.network_reference}`;
  return { id, before: begins ? null : beforeOf(event, said, before), after: asStated(facts), uses, message };
};

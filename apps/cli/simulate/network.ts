/** A card network that talks to a ledger, and looks after each message whether the ledger's sums can be. */
import type { Merchant, Message } from './traffic.js';

/** Minor units. */
export interface Amounts {
  readonly authorized: number;
  readonly incremented: number;
  readonly reversed: number;
  readonly expired: number;
  readonly released: number;
  readonly captured: number;
  readonly over_captured: number;
  readonly refunded: number;
  readonly held: number;
  readonly receivable: number;
}

/** Of a card transaction what the network looks at. */
export interface Purchase {
  readonly id: string;
  readonly status: string;
  readonly direction: 'debit' | 'credit';
  readonly amounts: Amounts;
  readonly elements: readonly { readonly type: string; readonly amount: number }[];
}

/** How a card's account stands, with all purchases of its only card. */
export interface Standing {
  readonly balance: number;
  readonly held: number;
  readonly receivable: number;
  readonly purchases: readonly Purchase[];
}

/** A message as the ledger takes it: about a card, or about a purchase that it told of. */
export type Sent =
  | { readonly kind: 'authorize'; readonly partial_approval: boolean; readonly about: OfCard }
  | { readonly kind: 'post'; readonly direction: 'debit' | 'credit'; readonly about: OfCard }
  | { readonly kind: 'refund_to_card'; readonly about: OfCard }
  | { readonly kind: 'increment' | 'adjust' | 'refund'; readonly id: string; readonly about: OfPurchase }
  | { readonly kind: 'reverse'; readonly id: string; readonly about: Partial<OfPurchase> }
  | { readonly kind: 'capture'; readonly id: string; readonly about: OfPurchase & { readonly final: boolean } };

interface OfCard {
  readonly amount: number;
  readonly merchant: Merchant;
  readonly network_reference: string;
}

interface OfPurchase {
  readonly amount: number;
  readonly network_reference: string;
}

export interface Answer {
  /** Null where the ledger refused the message. */
  readonly purchase: Purchase | null;
  readonly refusal: string | null;
}

/** The ledger as the network knows it. Card n belongs to account n, which was given `funds` and is used by nobody else. */
export interface Ledger {
  readonly funds: number;
  send(card: number, message: Sent): Promise<Answer>;
  standing(card: number): Promise<Standing>;
  /** Lets so much time pass. */
  elapse(ms: number): Promise<void>;
}

const total = (numbers: readonly number[]): number => numbers.reduce((sum, n) => sum + n, 0);

const ofElements = ({ elements }: Purchase, ...types: string[]): number =>
  total(elements.filter(({ type }) => types.includes(type)).map(({ amount }) => amount));

/** What about a purchase can't be. */
export const purchaseFaults = (purchase: Purchase): string[] => {
  const { authorized, incremented, reversed, expired, released, captured, over_captured, refunded, held } =
    purchase.amounts;
  const faults: string[] = [];
  const expected = authorized + incremented - reversed - expired - released - (captured - over_captured);
  if (held !== expected) faults.push(`holds ${held}, its sums say ${expected}`);
  for (const [name, sum] of Object.entries(purchase.amounts)) if (sum < 0) faults.push(`${name} is ${sum}`);
  if (over_captured > captured) faults.push(`more is over-captured (${over_captured}) than captured (${captured})`);
  const cleared = ofElements(purchase, 'capture', 'credit');
  if (captured !== cleared) faults.push(`captured ${captured}, its elements say ${cleared}`);
  const given = ofElements(purchase, 'refund') - ofElements(purchase, 'refund_reversal');
  if (refunded !== given) faults.push(`refunded ${refunded}, its elements say ${given}`);
  if (authorized !== ofElements(purchase, 'authorization'))
    faults.push(`authorized ${authorized}, its elements say otherwise`);
  if (expired !== ofElements(purchase, 'expiry')) faults.push(`expired ${expired}, its elements say otherwise`);
  return faults.map((fault) => `${purchase.id} ${fault}`);
};

/** What about an account can't be, seen from all that was ever cleared on it. */
export const accountFaults = (funds: number, { balance, held, receivable, purchases }: Standing): string[] => {
  const faults = purchases.flatMap(purchaseFaults);
  const holds = total(purchases.map(({ amounts }) => amounts.held));
  if (held !== holds) faults.push(`the account holds ${held}, its purchases ${holds}`);
  const taken = total(
    purchases.map(({ direction, amounts }) => (direction === 'debit' ? amounts.captured : -amounts.captured)),
  );
  const given = total(purchases.map(({ amounts }) => amounts.refunded));
  if (balance - receivable !== funds - taken + given) {
    faults.push(`balance ${balance} less debt ${receivable} is not ${funds} − ${taken} cleared + ${given} refunded`);
  }
  if (balance < 0) faults.push(`the balance is ${balance}`);
  if (receivable < 0) faults.push(`the debt is ${receivable}`);
  return faults;
};

/** A purchase by its number, as the ledger named it: where its hold is, and where it was cleared. */
interface Known {
  hold?: string;
  cleared?: string;
}

/** What the ledger answered otherwise than with a refusal. */
export interface Taken {
  readonly key: string;
  readonly card: number;
  readonly sent: Sent;
}

export interface Tally {
  messages: number;
  /** Came again, and changed nothing. */
  repeated: number;
  refused: number;
  /** About a purchase that the ledger was never told of. */
  unlinked: number;
  faults: string[];
}

/** Sends messages one after the other; each that was taken may come again at any time and changes nothing. */
export class Network {
  readonly tally: Tally = { messages: 0, repeated: 0, refused: 0, unlinked: 0, faults: [] };
  private readonly known = new Map<number, Known>();
  private readonly taken = new Map<string, Taken>();
  private clock = 0;

  constructor(private readonly ledger: Ledger) {}

  /** One message; answers what is wrong after it. */
  async send(message: Message): Promise<readonly string[]> {
    if (message.at > this.clock) await this.ledger.elapse(message.at - this.clock);
    this.clock = Math.max(this.clock, message.at);
    const sent = this.addressed(message);
    if (sent === null) {
      this.tally.unlinked++;
      return [];
    }
    const key = `${kindOf(sent)} ${message.reference}`;
    const taken = { key, card: message.card, sent };
    if (this.taken.has(key)) return this.repeat(taken);
    const answer = await this.ledger.send(message.card, sent);
    this.tally.messages++;
    if (answer.purchase === null) this.tally.refused++;
    else {
      this.learn(message, sent, answer.purchase);
      this.taken.set(key, taken);
    }
    return this.wrong(key, accountFaults(this.ledger.funds, await this.ledger.standing(message.card)));
  }

  /** What may be repeated: all that was taken, as it was first sent. */
  get history(): readonly Taken[] {
    return [...this.taken.values()];
  }

  /** Sends what was taken before, perhaps in other words: nothing may change by it. */
  async repeat({ key, card, sent }: Taken): Promise<readonly string[]> {
    const before = await this.ledger.standing(card);
    const { refusal } = await this.ledger.send(card, sent);
    this.tally.messages++;
    this.tally.repeated++;
    const after = await this.ledger.standing(card);
    const faults = accountFaults(this.ledger.funds, after);
    if (refusal !== null) faults.push(`came again and was refused: ${refusal}`);
    if (JSON.stringify(after) !== JSON.stringify(before)) faults.push('came again and changed the account');
    return this.wrong(key, faults);
  }

  private wrong(key: string, faults: readonly string[]): readonly string[] {
    const told = faults.map((fault) => `after message ${this.tally.messages} (${key}): ${fault}`);
    this.tally.faults.push(...told);
    return told;
  }

  /** To what the message goes: without a hold a clearing is posted, and without a purchase money goes back to the card. */
  private addressed(message: Message): Sent | null {
    const { amount, merchant, reference: network_reference } = { amount: 0, ...message };
    const { hold, cleared } = this.known.get(message.purchase) ?? {};
    const id = hold ?? cleared;
    const ofCard = { amount, merchant, network_reference };
    const about = { amount, network_reference };
    switch (message.kind) {
      case 'authorization':
        return { kind: 'authorize', about: ofCard, partial_approval: message.partial };
      case 'credit':
        return { kind: 'post', about: ofCard, direction: 'credit' };
      case 'clearing':
        return id === undefined
          ? { kind: 'post', about: ofCard, direction: 'debit' }
          : { kind: 'capture', id, about: { ...about, final: message.final } };
      case 'refund':
        return cleared === undefined
          ? { kind: 'refund_to_card', about: ofCard }
          : { kind: 'refund', id: cleared, about };
      case 'increment':
        return hold === undefined ? null : { kind: 'increment', id: hold, about };
      case 'advice':
        return hold === undefined ? null : { kind: 'adjust', id: hold, about };
      case 'reversal':
        if (hold === undefined) return null;
        return { kind: 'reverse', id: hold, about: message.amount === undefined ? { network_reference } : about };
    }
  }

  private learn({ purchase }: Message, sent: Sent, { id }: Purchase): void {
    const known = this.known.get(purchase) ?? {};
    if (sent.kind === 'authorize') known.hold = id;
    if (sent.kind === 'capture' || (sent.kind === 'post' && sent.direction === 'debit')) known.cleared = id;
    this.known.set(purchase, known);
  }
}

/** A reference is unique among messages of one kind. */
const kindOf = ({ kind }: Sent): string => {
  if (kind === 'capture' || kind === 'post') return 'clearing';
  return kind === 'refund_to_card' ? 'refund' : kind;
};

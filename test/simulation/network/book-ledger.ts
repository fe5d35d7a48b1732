/** The ledger in this process as a card network reaches it: decided, encoded, read back and folded as in production. */
import type { CardTransactionFacts } from '#domain/card-transactions/card-transactions.js';
import { receivableOf } from '#domain/accounts/standing.js';
import type { Account } from '#domain/accounts/accounts.js';
import type { Command } from '#domain/commands.js';
import { account, Book, card, deposit, tenant, type Outcome } from '#domain/spec-support.js';
import type { Answer, Ledger, Purchase, Sent, Standing } from '#apps/cli/simulate/network.js';

const TYPES = {
  authorize: 'AuthorizeCard',
  post: 'PostCardTransaction',
  refund_to_card: 'RefundToCard',
  increment: 'IncrementCardTransaction',
  adjust: 'AdjustCardTransaction',
  reverse: 'ReverseCardTransaction',
  capture: 'CaptureCardTransaction',
  refund: 'RefundCardTransaction',
} as const satisfies Record<Sent['kind'], Command['type']>;

const purchaseOf = (facts: CardTransactionFacts): Purchase => ({
  id: facts.card_transaction_id,
  status: facts.status,
  direction: facts.direction,
  amounts: facts.amounts,
  elements: facts.elements.map(({ type, amount }) => ({ type, amount })),
});

export class BookLedger implements Ledger {
  readonly book = new Book();
  /** As the events left them, by card. */
  private readonly purchases: Map<string, CardTransactionFacts>[] = [];
  private seen = 0;

  constructor(
    readonly funds: number,
    cards: number,
  ) {
    this.book.step(tenant());
    for (let n = 0; n < cards; n++) {
      this.book.step(account(`holder-${n}`));
      this.book.step(deposit(`holder-${n}`, funds));
      for (const step of card(`card-${n}`, `holder-${n}`)) this.book.step(step);
      this.purchases.push(new Map());
    }
  }

  /** Where the stream stands: it moves with everything that changes anything. */
  get revision(): number {
    return this.book.state.head.value.revision;
  }

  send(n: number, sent: Sent): Promise<Answer> {
    const { decision } = this.run(n, sent);
    if (decision.kind === 'refused') return Promise.resolve({ purchase: null, refusal: decision.code });
    const draft = decision.kind === 'unchanged' ? decision.standing : decision.events.at(-1);
    if (!draft || !('card_transaction' in draft.data)) throw new RangeError(`${sent.kind} came to no card transaction`);
    const facts = draft.data.card_transaction as CardTransactionFacts;
    return Promise.resolve({ purchase: purchaseOf(facts), refusal: null });
  }

  private run(n: number, sent: Sent): Outcome {
    const outcome = this.book.run({ type: TYPES[sent.kind], data: this.dataOf(n, sent) } as Command);
    this.learn();
    return outcome;
  }

  private dataOf(n: number, sent: Sent): object {
    if ('id' in sent) return { card_transaction_id: sent.id, ...sent.about };
    const ofCard = { card_id: `@card-${n}`, currency: 'NGN', ...sent.about };
    if (sent.kind === 'authorize') return { ...ofCard, partial_approval: sent.partial_approval };
    return sent.kind === 'post' ? { ...ofCard, direction: sent.direction } : ofCard;
  }

  private learn(): void {
    const { events } = this.book;
    for (; this.seen < events.length; this.seen++) {
      const event = events[this.seen];
      if (!event || !('card_transaction' in event.data)) continue;
      const facts = event.data.card_transaction;
      const place = this.purchases.findIndex((_, n) => this.book.id(`card-${n}`) === facts.card_id);
      this.purchases[place]?.set(facts.card_transaction_id, facts);
    }
  }

  standing(n: number): Promise<Standing> {
    const { state } = this.book;
    const holder = state.accounts.get(this.book.id(`holder-${n}`)) as Account;
    return Promise.resolve({
      balance: holder.balance,
      held: holder.held,
      receivable: receivableOf(state, holder),
      purchases: [...(this.purchases[n] as Map<string, CardTransactionFacts>).values()].map(purchaseOf),
    });
  }

  elapse(ms: number): Promise<void> {
    this.book.at += ms;
    this.book.expireDue();
    this.learn();
    return Promise.resolve();
  }
}

import { expectStatus, type Answer, type Client } from '../support/client.js';
import type { Row } from './rows.js';

interface Account {
  readonly id: string;
}
interface Entry {
  readonly account_id: string;
  readonly balance_after: number;
}
interface Transaction {
  readonly id: string;
  readonly entries: readonly Entry[];
}
interface CardTransaction {
  readonly id: string;
  readonly status: string;
  readonly elements: readonly { readonly type: string; readonly transaction_id?: string | null }[];
}

export interface ReplayResult {
  readonly rows: number;
  readonly requests: number;
  /** Rows whose returned balance was not the stated one. */
  readonly wrong: readonly string[];
  /** Account id to the last stated balance. */
  readonly balances: ReadonlyMap<string, number>;
  readonly seconds: number;
  /** The stream's revision after the last row. */
  readonly revision: number;
}

const CURRENCY = 'AUD';
const MERCHANT = { name: 'Replay Store', category_code: '5411', city: 'Melbourne', country: 'AU' };

class Replay {
  requests = 0;
  revision = -1;
  readonly wrong: string[] = [];
  readonly balances = new Map<string, number>();
  private readonly cards = new Map<string, string>();
  private counterparty = '';

  constructor(
    private readonly tenant: Client,
    private readonly run: string,
  ) {}

  private async send<T>(path: string, body: unknown, status: number, key: string): Promise<Answer<T>> {
    this.requests++;
    const answer = await this.tenant.post<T>(path, body, {
      'idempotency-key': `${this.run}-${key}`.replace(/[^\w-]/g, '_'),
    });
    expectStatus(answer, status);
    this.revision = Math.max(this.revision, Number(answer.headers['ledger-revision']));
    return answer;
  }

  private async post<T>(path: string, body: unknown, status: number, key: string): Promise<T> {
    return (await this.send<T>(path, body, status, key)).body;
  }

  async openCounterparty(): Promise<void> {
    const account = await this.post<Account>(
      '/v1/accounts',
      { account_name: 'Other banks', wallet_type: 'business', currency: CURRENCY, account_code: `${this.run}-other` },
      201,
      'counterparty',
    );
    this.counterparty = account.id;
  }

  /** One segment's rows, in their order, against an account and a card of their own. */
  async segment(name: string, rows: readonly Row[]): Promise<void> {
    const opening = (rows[0] as Row).balanceBefore;
    const { id } = await this.post<Account>(
      '/v1/accounts',
      { account_name: name, wallet_type: 'customer', currency: CURRENCY, account_code: `${this.run}-${name}` },
      201,
      `${name}-open`,
    );
    const card = await this.post<{ id: string }>('/v1/cards', { account_id: id, type: 'virtual' }, 201, `${name}-card`);
    await this.post(`/v1/cards/${card.id}/activate`, {}, 200, `${name}-activate`);
    this.cards.set(id, card.id);
    if (opening > 0) {
      await this.post(
        '/v1/transactions',
        { type: 'deposit', amount: opening, currency: CURRENCY, destination: id },
        201,
        `${name}-opening`,
      );
    }
    for (const [i, row] of rows.entries()) {
      const balance = await this.row(id, `${name}-${i}`, row);
      if (balance !== row.balanceAfter)
        this.wrong.push(`${name} row ${i + 1}: ${balance} instead of ${row.balanceAfter}`);
    }
    this.balances.set(id, (rows.at(-1) as Row).balanceAfter);
  }

  private async row(account: string, key: string, row: Row): Promise<number> {
    if (row.kind === 'card') return this.cardRow(account, key, row);
    const body = {
      payment: { type: 'withdrawal', source: account },
      transfer: { type: 'transfer', source: account, destination: this.counterparty },
      salary: { type: 'deposit', destination: account },
    }[row.kind];
    const posted = await this.post<Transaction>(
      '/v1/transactions',
      { ...body, amount: row.amount, currency: CURRENCY },
      201,
      key,
    );
    return balanceOf(account, posted);
  }

  private async cardRow(account: string, key: string, row: Row): Promise<number> {
    const cardId = this.cards.get(account) as string;
    const reference = `${this.run}-${key}`;
    const purchase = { card_id: cardId, amount: row.amount, currency: CURRENCY, merchant: MERCHANT };
    let cleared: Answer<CardTransaction>;
    if (row.authorized) {
      const authorized = await this.post<CardTransaction>(
        '/v1/card_transactions/authorize',
        { ...purchase, network_reference: `a-${reference}` },
        201,
        `${key}-auth`,
      );
      if (authorized.status !== 'authorized') throw new Error(`${key} was ${authorized.status}`);
      cleared = await this.send<CardTransaction>(
        `/v1/card_transactions/${authorized.id}/capture`,
        { amount: row.amount, network_reference: `c-${reference}` },
        200,
        `${key}-capture`,
      );
    } else {
      cleared = await this.send<CardTransaction>(
        '/v1/card_transactions/post',
        { ...purchase, direction: 'debit', network_reference: `c-${reference}` },
        201,
        `${key}-post`,
      );
    }
    const transactionId = cleared.body.elements.findLast((e) => e.type === 'capture')?.transaction_id;
    this.requests++;
    const revision = cleared.headers['ledger-revision'] as string;
    const answer = await this.tenant.getAt<Transaction>(`/v1/transactions/${transactionId}`, revision);
    return balanceOf(account, expectStatus(answer, 200));
  }
}

const balanceOf = (account: string, transaction: Transaction): number => {
  const entry = transaction.entries.findLast((e) => e.account_id === account);
  if (!entry) throw new Error(`${transaction.id} has no entry on ${account}`);
  return entry.balance_after;
};

/** Posts all rows: segments beside each other, the rows of one segment in order. `run` makes names and keys unique. */
export const replay = async (
  tenant: Client,
  rows: readonly Row[],
  run: string,
  concurrency = 32,
): Promise<ReplayResult> => {
  const segments = new Map<string, Row[]>();
  for (const row of rows) {
    const own = segments.get(row.segment);
    if (own) own.push(row);
    else segments.set(row.segment, [row]);
  }
  const started = Date.now();
  const work = new Replay(tenant, run);
  await work.openCounterparty();
  const queue = [...segments];
  const lane = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) await work.segment(...next);
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  const { requests, wrong, balances, revision } = work;
  return { rows: rows.length, requests, wrong, balances, revision, seconds: (Date.now() - started) / 1000 };
};

/** A running installation as a card network reaches it: a sandbox tenant of its own, over HTTP. What must succeed throws. */
import { randomUUID } from 'node:crypto';
import { FoundWrong } from '../outcome.js';
import type { Answer, Ledger, Purchase, Sent, Standing } from './network.js';

const CURRENCY = 'EUR';
const SCOPES = ['accounts:read', 'accounts:write', 'transactions:write', 'cards:read', 'cards:write'];
/** The clock takes no longer step. */
const LONGEST_STEP_MS = 86_400_000;
/** How often a read is tried whose rows lag; each try waits two seconds for them. */
const PATIENCE = 15;

interface Reply {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

const PATHS: { readonly [K in Sent['kind']]: (id: string) => string } = {
  authorize: () => '/authorize',
  post: () => '/post',
  refund_to_card: () => '/refund',
  increment: (id) => `/${id}/increment`,
  adjust: (id) => `/${id}/adjust`,
  reverse: (id) => `/${id}/reverse`,
  capture: (id) => `/${id}/capture`,
  refund: (id) => `/${id}/refund`,
};

export class HttpLedger implements Ledger {
  private key = '';
  /** The newest revision of the tenant that was written or read. */
  private written = 0;
  private readonly cards: { readonly id: string; readonly account: string }[] = [];
  /** Whether business time can be moved here: `DAYBOOK_CLOCK=settable`. */
  hasClock = true;

  constructor(
    private readonly baseUrl: string,
    private readonly adminToken: string,
    readonly funds: number,
  ) {}

  /** Makes the tenant, its accounts with their funds, and a card of each. */
  async open(cards: number): Promise<void> {
    const partner = { name: 'Simulation', email: 'simulation@example.com', tier: 'enterprise' };
    const terms = { name: 'Simulation', default_currency: CURRENCY, environment: 'sandbox', partner };
    const tenant = await this.done('POST', '/api/v1/admin/tenants', terms, this.adminToken);
    const path = `/api/v1/admin/tenants/${tenant['id'] as string}/api-keys`;
    const key = await this.done('POST', path, { prefix: 'test', scopes: SCOPES }, this.adminToken);
    this.key = key['full_key'] as string;
    for (let n = 0; n < cards; n++) {
      const holder = { account_name: `Card holder ${n}`, wallet_type: 'customer', currency: CURRENCY };
      const account = (await this.done('POST', '/v1/accounts', holder))['id'] as string;
      const deposit = { type: 'deposit', amount: this.funds, currency: CURRENCY, destination: account };
      await this.done('POST', '/v1/transactions', deposit);
      const id = (await this.done('POST', '/v1/cards', { account_id: account, type: 'virtual' }))['id'] as string;
      await this.done('POST', `/v1/cards/${id}/activate`, {});
      this.cards.push({ id, account });
    }
  }

  async send(card: number, sent: Sent): Promise<Answer> {
    const { kind, about } = sent;
    const path = `/v1/card_transactions${PATHS[kind]('id' in sent ? sent.id : '')}`;
    const reply = await this.call('POST', path, this.bodyOf(card, sent));
    if (reply.status < 300) return { purchase: reply.body as unknown as Purchase, refusal: null };
    const { code } = reply.body['error'] as { code: string };
    if (reply.status >= 500 || reply.status === 429) {
      throw new FoundWrong(`${kind} ${about.network_reference ?? ''} answered ${reply.status} ${code}`);
    }
    return { purchase: null, refusal: code };
  }

  private bodyOf(card: number, sent: Sent): object {
    if ('id' in sent) return sent.about;
    const ofCard = { card_id: this.cardOf(card).id, currency: CURRENCY, ...sent.about };
    if (sent.kind === 'authorize') return { ...ofCard, partial_approval: sent.partial_approval };
    return sent.kind === 'post' ? { ...ofCard, direction: sent.direction } : ofCard;
  }

  async standing(card: number): Promise<Standing> {
    const { id, account } = this.cardOf(card);
    const purchases: Purchase[] = [];
    for (let query = '?limit=100&order=asc', more = true; more;) {
      const page = await this.done('GET', `/v1/cards/${id}/transactions${query}`);
      purchases.push(...(page['data'] as Purchase[]));
      more = page['has_more'] === true;
      query = `?limit=100&order=asc&starting_after=${purchases.at(-1)?.id ?? ''}`;
    }
    const { balance, held, receivable } = (await this.done('GET', `/v1/accounts/${account}`)) as unknown as Standing;
    return { balance, held, receivable, purchases };
  }

  /** Moves business time, where the installation lets it be moved; else all of it happens today. */
  async elapse(ms: number): Promise<void> {
    for (let left = ms; left > 0 && this.hasClock; left -= LONGEST_STEP_MS) {
      const reply = await this.call('POST', '/v1/test/clock', { advance_ms: Math.min(left, LONGEST_STEP_MS) });
      if (reply.status === 404) this.hasClock = false;
      else if (reply.status !== 200) throw new FoundWrong(`the clock answered ${reply.status}`);
    }
  }

  private cardOf(n: number): { readonly id: string; readonly account: string } {
    const card = this.cards[n];
    if (card === undefined) throw new RangeError(`there is no card ${n}`);
    return card;
  }

  private async call(method: string, path: string, body?: unknown, credential = this.key): Promise<Reply> {
    const response = await fetch(`${this.baseUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${credential}`,
        ...(method === 'POST' ? { 'idempotency-key': randomUUID(), 'content-type': 'application/json' } : {}),
        // A standing is put together from several reads: each has to have seen the last message, however far rows lag.
        ...(method === 'GET' && credential === this.key ? { 'min-ledger-revision': String(this.written) } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (credential === this.key) this.written = Math.max(this.written, Number(response.headers.get('ledger-revision')));
    return { status: response.status, body: (await response.json()) as Reply['body'] };
  }

  private async done(method: string, path: string, body?: unknown, credential = this.key): Promise<Reply['body']> {
    let reply = await this.call(method, path, body, credential);
    for (let tries = 1; method === 'GET' && reply.status === 503 && tries < PATIENCE; tries++) {
      reply = await this.call(method, path, body, credential);
    }
    if (reply.status < 300) return reply.body;
    throw new FoundWrong(`${method} ${path} answered ${reply.status}: ${JSON.stringify(reply.body).slice(0, 300)}`);
  }
}

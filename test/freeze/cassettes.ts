/** What a client of each version sent and was answered, so that it can be sent again, for ever. */
import type { ApiUnderTest, Reply } from '../../apps/api/spec-support.js';

export interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  /** Sent without an Idempotency-Key. */
  readonly keyless?: true;
  readonly status: number;
  readonly answer: unknown;
}

export type Asked = Omit<Recorded, 'status' | 'answer'>;

const ID = /[a-z]+_[0-7][0-9A-HJKMNP-TV-Z]{25}/g;
const TIME = /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/;
/** They count what happened beside, which older clients did not know of either. */
const COUNTS: ReadonlySet<string> = new Set(['revision', 'sequence', 'last4', 'next_cursor', 'request_id', 'docs_url', 'account_code']);

/** Gives ids names by the order in which they came, and takes them back. */
export class Names {
  private readonly names = new Map<string, string>();
  private readonly ids = new Map<string, string>();

  named(text: string): string {
    return text.replace(ID, (id) => {
      let name = this.names.get(id);
      if (name === undefined) {
        const prefix = id.slice(0, id.indexOf('_'));
        const count = [...this.names.values()].filter((one) => one.startsWith(`<${prefix} `)).length + 1;
        name = `<${prefix} ${count}>`;
        this.names.set(id, name);
        this.ids.set(name, id);
      }
      return name;
    });
  }

  meant<T>(value: T): T {
    const text = JSON.stringify(value)?.replace(/<\w+ \d+>/g, (name) => this.ids.get(name) ?? name);
    return text === undefined ? value : (JSON.parse(text) as T);
  }

  /** A value in which everything that differs from run to run is named by what it is. */
  plain(value: unknown, key = ''): unknown {
    if (value !== null && COUNTS.has(key)) return `<${key}>`;
    if (typeof value === 'string') return TIME.test(value) ? '<time>' : this.named(value);
    if (Array.isArray(value)) return value.map((one) => this.plain(one));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, this.plain(one, name)]));
  }
}

export const ask = (api: ApiUnderTest, tenant: string, version: string, asked: Asked): Promise<Reply> =>
  api.send(tenant, asked.method, asked.path, asked.body, {
    headers: { 'QairoPay-Version': version },
    ...(asked.keyless === true ? { key: null } : {}),
  });

/** A sentence is for people, and may be told better; that there is one is what a program may count on (DECISIONS 94). */
const isSentence = (recorded: object, name: string): boolean =>
  name === 'message' && 'code' in recorded && 'request_id' in recorded;

/** Where an answer lacks, or says otherwise, something that was recorded; fields that came since are no matter. */
export const missing = (recorded: unknown, answer: unknown, at = ''): string[] => {
  if (Array.isArray(recorded)) {
    if (!Array.isArray(answer) || answer.length !== recorded.length) return [`${at}: another list`];
    return recorded.flatMap((one, i) => missing(one, answer[i], `${at}[${i}]`));
  }
  if (recorded !== null && typeof recorded === 'object') {
    if (answer === null || typeof answer !== 'object') return [`${at}: ${JSON.stringify(answer)}`];
    return Object.entries(recorded).flatMap(([name, one]) =>
      Object.hasOwn(answer, name)
        ? missing(
            one,
            isSentence(recorded, name) ? one : (answer as Record<string, unknown>)[name],
            at === '' ? name : `${at}.${name}`,
          )
        : [`${at}.${name}: gone`],
    );
  }
  return Object.is(recorded, answer) ? [] : [`${at}: ${JSON.stringify(recorded)} is ${JSON.stringify(answer)}`];
};

interface Words {
  readonly controls: object;
  readonly wrongControls: object;
  readonly category: string;
}

const NEWEST_WORDS: Words = {
  controls: { blocked_categories: ['7995'], limits: [{ amount: 50_000, interval: 'daily' }] },
  wrongControls: { allowed_categories: ['5411'] },
  category: '5812',
};

const WORDS: Readonly<Record<string, Words>> = {
  '2025-11-01': {
    controls: { allowed_categories: ['groceries', 'restaurants'], limits: [] },
    wrongControls: { blocked_categories: ['5411'] },
    category: 'restaurants',
  },
  '2026-02-01': {
    controls: { allowed_categories: ['5411', '5812'] },
    wrongControls: { allowed_categories: ['groceries'] },
    category: '5812',
  },
};

/** What a client of a version does on an ordinary day; ids are named as they come. Played once, when the version ships. */
export const script = (version: string): readonly Asked[] => {
  const { controls, wrongControls, category } = WORDS[version] ?? NEWEST_WORDS;
  const merchant = { name: 'Mama Put', category_code: category, city: 'Lagos', country: 'NG' };
  const post = (path: string, body?: unknown): Asked => ({ method: 'POST', path, body });
  const get = (path: string): Asked => ({ method: 'GET', path });
  const [float, wallet, other] = ['<acc 1>', '<acc 2>', '<acc 3>'];
  const card = '<card 1>';
  const purchase = (network_reference: string, code = category) => ({
    card_id: card,
    amount: 1_200,
    currency: 'NGN',
    merchant: { ...merchant, category_code: code },
    network_reference,
  });
  return [
    post('/v1/accounts', { account_name: 'Float', wallet_type: 'float', currency: 'NGN', allow_negative: true }),
    post('/v1/accounts', { account_name: 'Ada', wallet_type: 'customer', currency: 'NGN', metadata: { object: 'card' } }),
    post('/v1/accounts', { account_name: 'Ben', wallet_type: 'customer', currency: 'NGN' }),
    { ...post('/v1/accounts', { account_name: 'Eve', wallet_type: 'customer', currency: 'NGN' }), keyless: true },
    post('/v1/accounts', { account_name: 'Eve', wallet_type: 'customer', currency: 'NGN', colour: 'red' }),
    post('/v1/customers', { kind: 'person', name: 'Ada' }),
    post('/v1/transactions', { type: 'deposit', amount: 10_000, currency: 'NGN', source: float, destination: wallet }),
    post('/v1/transactions', { type: 'transfer', amount: 2_500, currency: 'NGN', source: wallet, destination: other, reference: 'rent' }),
    post('/v1/transactions', { type: 'transfer', amount: 900_000, currency: 'NGN', source: wallet, destination: other }),
    post('/v1/transactions', { type: 'transfer', amount: 0, currency: 'NGN', source: wallet, destination: other }),
    post('/v1/reservations', { account_id: wallet, amount: 700, currency: 'NGN' }),
    post('/v1/reservations/<rsv 1>/capture', { amount: 300 }),
    post('/v1/cards', { account_id: wallet, type: 'virtual', holder_name: 'Ada', spending_controls: controls }),
    post('/v1/cards', { account_id: wallet, type: 'virtual', spending_controls: wrongControls }),
    post(`/v1/cards/${card}/activate`),
    { method: 'PATCH', path: `/v1/cards/${card}`, body: { holder_name: 'Ada L.', spending_controls: controls } },
    post('/v1/card_transactions/authorize', purchase('first')),
    post('/v1/card_transactions/authorize', purchase('odd', version === '2025-11-01' ? '5812' : 'restaurants')),
    post('/v1/card_transactions/<txn 1>/capture', { amount: 1_000, final: true, network_reference: 'first-clearing' }),
    get(`/v1/cards/${card}`),
    get('/v1/cards'),
    get('/v1/card_transactions'),
    get('/v1/card_transactions/<txn 1>'),
    get(`/v1/cards/${card}/transactions`),
    get(`/v1/accounts/${wallet}`),
    get(`/v1/accounts/${wallet}/balance`),
    get('/v1/accounts?wallet_type=customer&order=asc'),
    get('/v1/transactions?type=transfer'),
    get('/v1/transactions?sort=amount'),
    get('/v1/events?type=card.transaction.authorized'),
    get('/v1/events?type=card.created'),
    post('/v1/limits/evaluate', { account_id: wallet, direction: 'outbound', amount: 5, currency: 'NGN' }),
    get('/v1/cards/card_none'),
    get('/v1/nothing'),
    get('/v1/tenant'),
  ];
};

/**
 * The table of refusals: of each code of the registry, the specs that name it; and of transactions, accounts and reservations
 * (§4 of the contract), each refusal as a client gets it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ApiUnderTest, type Reply } from '#apps/api/spec-support.js';
import { nounOf } from '#contract/forms.js';
import { OPERATION_NAMES, operationOf } from '#contract/operations.js';
import { PREFIXES, type Kind } from '#domain/ids.js';
import { ERRORS, statusOf, type ErrorCode } from '#contract/problems.js';

const SPECS = ['apps', 'libs', 'projections', 'test'].flatMap((room) =>
  readdirSync(room, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.spec.ts'))
    .map((file) => path.join(room, file)),
);
const TEXTS = new Map(SPECS.map((file) => [file, readFileSync(file, 'utf8')]));

const PARAMETER = /\{(\w+)\}/g;
const nounsOf = (url: string): string[] => [...url.matchAll(PARAMETER)].map(([, name]) => nounOf(name as string));

/** What a path may name last, and a path that does, one to read where there is one; no test beside this one need name the code. */
const NAMED: ReadonlyMap<string, { readonly method: string; readonly url: string }> = new Map(
  OPERATION_NAMES.map(operationOf)
    .filter(({ plane, path: url }) => plane === 'tenant' && nounsOf(url).length > 0)
    .sort((a, b) => Number(a.method === 'GET') - Number(b.method === 'GET'))
    .map(({ method, path: url }) => [`${nounsOf(url).at(-1)}_not_found`, { method, url }] as const),
);

/** The path with an id that nothing has for each but the last, and none for that. */
const naming = (url: string): string => {
  const nouns = nounsOf(url);
  let nth = 0;
  return url.replace(PARAMETER, () =>
    ++nth === nouns.length ? 'nobody' : `${PREFIXES[nouns[nth - 1] as Kind]}_01HZXK5Y8Q2J3M4N5P6R7S8T9V`,
  );
};

/** The specs that name a code, those first that ask over HTTP. */
const specsOf = (code: string): string[] => {
  const whole = new RegExp(`\\b${code}\\b`);
  return [...TEXTS]
    .filter(([, text]) => whole.test(text))
    .map(([file]) => file)
    .sort((a, b) => Number(b.startsWith('apps')) - Number(a.startsWith('apps')));
};

const TABLE = (Object.keys(ERRORS) as ErrorCode[]).map((code) => {
  const spec = NAMED.has(code) ? 'each path that names one, below' : specsOf(code)[0];
  return [code, statusOf(code), spec] as const;
});

it.each(TABLE)('%s, %i: %s', (_code, _status, spec) => {
  expect(spec).toBeDefined();
});

let api: ApiUnderTest;
beforeAll(async () => {
  api = await ApiUnderTest.start('silent', true);
});
afterAll(() => api.close());

/** A tenant of one row's own: Ada has 1,000, Bob nothing, Eve an account in EUR. */
class World {
  constructor(
    readonly tenant: string,
    readonly ada: string,
    readonly bob: string,
    readonly eve: string,
  ) {}

  static async make(): Promise<World> {
    const tenant = await api.tenant();
    const ada = await api.funded(tenant, 1_000);
    return new World(tenant, ada, await api.account(tenant), await api.account(tenant, { currency: 'EUR' }));
  }

  post(url: string, body: object = {}): Promise<Reply> {
    return api.send(this.tenant, 'POST', url, body);
  }

  put(url: string, body: object): Promise<Reply> {
    return api.send(this.tenant, 'PUT', url, body);
  }

  transfer(more: object = {}): Promise<Reply> {
    const body = { type: 'transfer', amount: 10, currency: 'NGN', source: this.ada, destination: this.bob, ...more };
    return this.post('/v1/transactions', body);
  }

  reserve(more: object = {}): Promise<Reply> {
    return this.post('/v1/reservations', { account_id: this.ada, amount: 10, currency: 'NGN', ...more });
  }

  close(account: string): Promise<Reply> {
    const body = { reason: 'left', source: 'customer', confirmation: 'CLOSE_ACCOUNT' };
    return this.put(`/v1/accounts/${account}/close`, body);
  }

  /** A limit of tier 1 on what is sent in a day, and on what is had. */
  limit(amount: number, max_balance: number | null = null): Promise<Reply> {
    const row = { kyc_level: 'tier1', direction: 'outbound', window: 'daily', amount, max_balance };
    return api.admin('PUT', `/${this.tenant}/limits`, { limits: [row] });
  }

  entitle(row: object): Promise<Reply> {
    return api.admin('PATCH', `/${this.tenant}/entitlements`, { entitlements: { 'transactions.write': row } });
  }

  become(status: string): Promise<Reply> {
    return api.admin('PATCH', `/${this.tenant}/status`, { status, reason: 'told so' });
  }

  /** Ada's card, used for more than she has: what is lacking she owes. */
  async overspend(amount: number): Promise<void> {
    const { body } = await this.post('/v1/cards', { account_id: this.ada, type: 'virtual' });
    await this.post('/v1/card_transactions/post', {
      card_id: body.id,
      amount,
      currency: 'NGN',
      merchant: { name: 'Shop', category_code: '5411' },
      network_reference: 'n1',
      direction: 'debit',
      posted_at: '2026-01-01T00:00:00Z',
    });
  }
}

type Case = readonly [told: string, ask: (world: World) => Promise<Reply>];

/** Status, code and, where one is at fault, the field. */
const TRANSACTIONS: readonly Case[] = [
  ['422 insufficient_funds', (it) => it.transfer({ amount: 1_001 })],
  [
    '422 account_frozen',
    async (it) => {
      await it.put(`/v1/accounts/${it.bob}/block`, {
        reason: 'odd',
        source: 'desk',
        block_debits: false,
        block_credits: true,
      });
      return it.transfer();
    },
  ],
  [
    '422 account_closed',
    async (it) => {
      await it.close(it.bob);
      return it.transfer();
    },
  ],
  ['422 currency_mismatch', (it) => it.transfer({ destination: it.eve })],
  [
    '422 limit_exceeded',
    async (it) => {
      await it.limit(9);
      return it.transfer();
    },
  ],
  [
    '422 max_balance_exceeded',
    async (it) => {
      await it.limit(5_000, 9);
      return it.transfer();
    },
  ],
  [
    '422 max_single_transaction_exceeded',
    async (it) => {
      await it.entitle({ enabled: true, config: { max_single_transaction: 9 } });
      return it.transfer();
    },
  ],
  [
    '422 unbalanced_entries',
    (it) =>
      it.post('/v1/transactions', {
        type: 'journal',
        entries: [
          { account: it.ada, direction: 'debit', amount: 5, currency: 'NGN' },
          { account: it.bob, direction: 'credit', amount: 6, currency: 'NGN' },
        ],
      }),
  ],
  ['422 same_account', (it) => it.transfer({ destination: it.ada })],
  ['400 amount_not_positive amount', (it) => it.transfer({ amount: 0 })],
  ['400 amount_out_of_range amount', (it) => it.transfer({ amount: 2 ** 53 })],
  [
    '409 duplicate_reference reference',
    async (it) => {
      await it.transfer({ reference: 'R1' });
      return it.transfer({ reference: 'R1' });
    },
  ],
  [
    '422 effective_at_out_of_range',
    (it) => it.transfer({ effective_at: new Date(api.clock.now() + 60_000).toISOString() }),
  ],
  [
    '422 effective_at_out_of_range',
    async (it) => {
      await it.post('/v1/periods/close', { through: '2026-01-01T00:00:00.000Z' });
      return it.transfer({ effective_at: '2026-01-01T00:00:00.000Z' });
    },
  ],
  ['404 account_not_found', (it) => api.send(it.tenant, 'GET', '/v1/accounts/acc_01HZXK5Y8Q2J3M4N5P6R7S8T9V')],
  ['400 account_not_found source', (it) => it.transfer({ source: 'acc_01HZXK5Y8Q2J3M4N5P6R7S8T9V' })],
  [
    '403 entitlement_required',
    async (it) => {
      await it.entitle({ enabled: false });
      return it.transfer();
    },
  ],
  [
    '403 tenant_suspended',
    async (it) => {
      await it.become('suspended');
      return it.transfer();
    },
  ],
  [
    '403 tenant_inactive',
    async (it) => {
      await it.become('inactive');
      return it.transfer();
    },
  ],
  [
    '409 already_reversed',
    async (it) => {
      const { body } = await it.transfer();
      await it.post(`/v1/transactions/${body.id}/reverse`);
      return it.post(`/v1/transactions/${body.id}/reverse`);
    },
  ],
  [
    '409 not_reversible',
    async (it) => {
      const failed = await it.transfer({ amount: 1_001 });
      return it.post(`/v1/transactions/${failed.body.error?.transaction_id}/reverse`);
    },
  ],
];

const RESERVATIONS: readonly Case[] = [
  [
    '422 amount_exceeds_reservation',
    async (it) => {
      const { body } = await it.reserve();
      return it.post(`/v1/reservations/${body.id}/capture`, { amount: 11 });
    },
  ],
  [
    '409 invalid_state',
    async (it) => {
      const { body } = await it.reserve();
      await it.post(`/v1/reservations/${body.id}/release`);
      return it.post(`/v1/reservations/${body.id}/capture`);
    },
  ],
  ['422 expiry_in_the_past expires_at', (it) => it.reserve({ expires_at: '2020-01-01T00:00:00Z' })],
  ['422 expiry_too_late expires_at', (it) => it.reserve({ expires_at: '2199-01-01T00:00:00Z' })],
];

const ACCOUNTS: readonly Case[] = [
  ['409 account_not_empty', (it) => it.close(it.ada)],
  [
    '409 account_has_holds',
    async (it) => {
      await it.overspend(990);
      // 10 are there and held; what a journal then takes leaves the hold alone with an overdraft.
      await api.send(it.tenant, 'PATCH', `/v1/accounts/${it.ada}`, { overdraft_limit: 10 });
      await it.reserve();
      await it.transfer();
      return it.close(it.ada);
    },
  ],
  [
    '409 account_owes',
    async (it) => {
      await it.overspend(1_001);
      return it.close(it.ada);
    },
  ],
  [
    '409 account_has_open_children',
    async (it) => {
      await api.account(it.tenant, { parent_account_id: it.bob });
      return it.close(it.bob);
    },
  ],
  [
    '409 account_is_closed',
    async (it) => {
      await it.close(it.bob);
      return api.send(it.tenant, 'PATCH', `/v1/accounts/${it.bob}`, { account_name: 'Bob' });
    },
  ],
  [
    '409 hierarchy_too_deep parent_account_id',
    async (it) => {
      let parent_account_id = it.bob;
      for (let level = 2; level <= 8; level++) parent_account_id = await api.account(it.tenant, { parent_account_id });
      const body = { account_name: 'Too deep', wallet_type: 'customer', currency: 'NGN', parent_account_id };
      return it.post('/v1/accounts', body);
    },
  ],
  [
    '409 retention_expired status',
    async (it) => {
      await it.become('inactive');
      api.clock.offsetMs += 91 * 86_400_000;
      return it.become('active');
    },
  ],
  ['409 currency_in_use default_currency', (it) => api.admin('PATCH', `/${it.tenant}`, { default_currency: 'EUR' })],
];

it.each([...TRANSACTIONS, ...RESERVATIONS, ...ACCOUNTS])('over HTTP: %s', async (told, ask) => {
  const { status, body } = await ask(await World.make());
  expect([status, body.error?.code, ...(body.error?.param ? [body.error.param] : [])].join(' ')).toBe(told);
  expect(body.error?.message).toMatch(/^\w.*\.$/);
});

it.each([...NAMED])('over HTTP: 404 %s, of what a path names', async (code, { method, url }) => {
  const { tenant } = await World.make();
  const { status, body } = await api.send(tenant, method, naming(url));
  expect([status, body.error?.code]).toEqual([404, code]);
});

/** What makes an event of each type happen: real commands over the API, on things made for it. */
import type { PublicEventType } from '#contract/public-events.js';
import type { Sandbox } from './sandbox.js';

type Recipe = (at: Sandbox) => Promise<unknown>;

const AMOUNT = 2_500;
const BLOCK = { reason: 'Tried out', source: 'trigger' };
const MERCHANT = { name: 'Tried out', category_code: '5411' };

const idOf = ({ id }: Record<string, unknown>): string => id as string;
const currencyOf = async (at: Sandbox): Promise<string> => (await at.tenant()).default_currency;

const account = async (at: Sandbox, more: object = {}): Promise<string> => {
  const terms = { account_name: 'Tried out', wallet_type: 'customer', currency: await currencyOf(at), ...more };
  return idOf(await at.send('POST', '/v1/accounts', terms));
};

const deposit = async (at: Sandbox, destination: string): Promise<string> => {
  const terms = { type: 'deposit', amount: 4 * AMOUNT, currency: await currencyOf(at), destination };
  return idOf(await at.send('POST', '/v1/transactions', terms));
};

const funded = async (at: Sandbox): Promise<string> => {
  const id = await account(at);
  await deposit(at, id);
  return id;
};

const block = (at: Sandbox, id: string): Promise<unknown> => at.send('PUT', `/v1/accounts/${id}/block`, BLOCK);

const reservation = async (at: Sandbox, more: object = {}): Promise<string> => {
  const terms = { account_id: await funded(at), amount: AMOUNT, currency: await currencyOf(at), ...more };
  return idOf(await at.send('POST', '/v1/reservations', terms));
};

/** Ends two seconds from now, in the installation's own time. */
const shortReservation: Recipe = async (at) => {
  const account_id = await funded(at);
  const { created_at } = await at.send('GET', `/v1/accounts/${account_id}`);
  const expires_at = new Date(Date.parse(created_at as string) + 4_000).toISOString();
  const terms = { account_id, amount: AMOUNT, currency: await currencyOf(at), expires_at };
  await at.send('POST', '/v1/reservations', terms);
};

const customer = async (at: Sandbox, kind = 'person'): Promise<string> =>
  idOf(await at.send('POST', '/v1/customers', { kind, name: 'Tried out' }));

const card = async (at: Sandbox, account_id?: string): Promise<string> =>
  idOf(await at.send('POST', '/v1/cards', { account_id: account_id ?? (await account(at)), type: 'virtual' }));

const act = (at: Sandbox, id: string, action: string): Promise<unknown> => at.send('POST', `/v1/cards/${id}/${action}`);

const activeCard = async (at: Sandbox, account_id?: string): Promise<string> => {
  const id = await card(at, account_id);
  await act(at, id, 'activate');
  return id;
};

/** Authorized, and declined where the account has nothing. */
const purchase = async (at: Sandbox, account_id: string): Promise<string> => {
  const card_id = await activeCard(at, account_id);
  const network_reference = `trigger-${card_id}`;
  const terms = { card_id, amount: AMOUNT, currency: await currencyOf(at), merchant: MERCHANT, network_reference };
  return idOf(await at.send('POST', '/v1/card_transactions/authorize', terms));
};

const onPurchase =
  (action: string, body: object = {}): Recipe =>
  async (at) => {
    const id = await purchase(at, await funded(at));
    await at.send('POST', `/v1/card_transactions/${id}/${action}`, body);
  };

const capture = async (at: Sandbox): Promise<string> => {
  const id = await purchase(at, await funded(at));
  const terms = { amount: AMOUNT, final: true, network_reference: `capture-${id}` };
  await at.send('POST', `/v1/card_transactions/${id}/capture`, terms);
  return id;
};

const kyc = async (at: Sandbox): Promise<string> => {
  const documents = ['government_id', 'proof_of_address', 'selfie'].map((type) => ({ type }));
  const terms = { customer_id: await customer(at), tier: 'tier2', documents };
  return idOf(await at.send('POST', '/v1/kyc/submissions', terms));
};

const status = (at: Sandbox, to: string): Promise<unknown> => at.operate('PATCH', '/status', { status: to });

const suspendAndBack: Recipe = async (at) => {
  await status(at, 'suspended');
  await status(at, 'active');
};

const pick = (row: Record<string, unknown>, names: readonly string[]): object =>
  Object.fromEntries(names.filter((name) => row[name] !== null).map((name) => [name, row[name]]));

const FEE_TERMS = [
  'channel',
  'currency',
  'flat_amount',
  'percentage_rate',
  'min_amount',
  'max_amount',
  'fee_floor',
  'fee_cap',
  'who_pays',
  'who_gets_paid',
];
const LIMIT_TERMS = ['kyc_level', 'direction', 'window', 'amount', 'max_balance', 'currency'];

/** The same schedule once more. */
const fees: Recipe = async (at) => {
  const { fees: rules } = await at.operate('GET', '/fees');
  await at.operate('PUT', '/fees', { rules: (rules as Record<string, unknown>[]).map((row) => pick(row, FEE_TERMS)) });
};

/** One minor unit more in the first row, or a row that stops nothing. */
const limits: Recipe = async (at) => {
  const { limits: rows } = (await at.operate('GET', '/limits')) as {
    limits: (Record<string, unknown> & { amount: number })[];
  };
  const kept = rows.map((row, i) => ({ ...pick(row, LIMIT_TERMS), amount: row.amount + (i === 0 ? 1 : 0) }));
  const first = { kyc_level: 'tier3', direction: 'outbound', window: 'monthly', amount: 1_000_000_000_000 };
  await at.operate('PUT', '/limits', { limits: kept.length === 0 ? [first] : kept });
};

/** Something that nothing here depends on, on and off again. */
const entitlements: Recipe = async (at) => {
  const told = (await at.operate('GET', '/entitlements')) as { entitlements: Record<string, { enabled: boolean }> };
  const { enabled } = told.entitlements['pos.metrics.read'] as { enabled: boolean };
  for (const now of [!enabled, enabled]) {
    await at.operate('PATCH', '/entitlements', { entitlements: { 'pos.metrics.read': { enabled: now } } });
  }
};

const endpoint: Recipe = async (at) => {
  const terms = { url: 'https://example.com/', events: ['account.closed'], description: 'Tried out' };
  const id = idOf(await at.send('POST', '/v1/webhooks/endpoints', terms));
  await at.send('POST', `/v1/webhooks/endpoints/${id}/disable`);
  await at.send('DELETE', `/v1/webhooks/endpoints/${id}`);
};

export const RECIPES: { readonly [T in PublicEventType]?: Recipe } = {
  'tenant.updated': (at) => at.operate('PATCH', '', { metadata: { tried_out: String(Date.now()) } }),
  'tenant.suspended': suspendAndBack,
  'tenant.reactivated': suspendAndBack,
  'webhook_endpoint.disabled': endpoint,
  'account.created': (at) => account(at),
  'account.updated': async (at) => at.send('PATCH', `/v1/accounts/${await account(at)}`, { account_name: 'Renamed' }),
  'account.blocked': async (at) => block(at, await account(at)),
  'account.unblocked': async (at) => {
    const id = await account(at);
    await block(at, id);
    await at.send('PUT', `/v1/accounts/${id}/unblock`, BLOCK);
  },
  'account.closed': async (at) =>
    at.send('PUT', `/v1/accounts/${await account(at)}/close`, { ...BLOCK, confirmation: 'CLOSE_ACCOUNT' }),
  'transaction.completed': funded,
  'transaction.failed': async (at) => {
    const [source, destination] = [await account(at), await account(at)];
    const terms = { type: 'transfer', amount: AMOUNT, currency: await currencyOf(at), source, destination };
    await at.refused('POST', '/v1/transactions', terms);
  },
  'transaction.reversed': async (at) => {
    const id = await deposit(at, await account(at));
    await at.send('POST', `/v1/transactions/${id}/reverse`, { reason: 'Tried out' });
  },
  'reservation.created': (at) => reservation(at),
  'reservation.captured': async (at) => {
    const id = await reservation(at, { destination: await account(at) });
    await at.send('POST', `/v1/reservations/${id}/capture`, {});
  },
  'reservation.released': async (at) => at.send('POST', `/v1/reservations/${await reservation(at)}/release`),
  'reservation.expired': shortReservation,
  'fees.replaced': fees,
  'limits.replaced': limits,
  'customer.created': (at) => customer(at),
  'customer.updated': async (at) => at.send('PATCH', `/v1/customers/${await customer(at)}`, { name: 'Renamed' }),
  'kyc.submitted': kyc,
  'kyc.approved': async (at) => at.operate('POST', `/kyc/submissions/${await kyc(at)}/approve`, {}),
  'kyc.rejected': async (at) => at.operate('POST', `/kyc/submissions/${await kyc(at)}/reject`, { reason: 'Tried out' }),
  'entitlements.updated': entitlements,
  'card.created': (at) => card(at),
  'card.activated': (at) => activeCard(at),
  'card.suspended': async (at) => act(at, await activeCard(at), 'suspend'),
  'card.resumed': async (at) => {
    const id = await activeCard(at);
    await act(at, id, 'suspend');
    await act(at, id, 'resume');
  },
  'card.terminated': async (at) => act(at, await activeCard(at), 'terminate'),
  'card.transaction.authorized': async (at) => purchase(at, await funded(at)),
  'card.transaction.declined': async (at) => purchase(at, await account(at)),
  'card.transaction.updated': onPurchase('increment', { amount: 100 }),
  'card.transaction.reversed': onPurchase('reverse'),
  'card.transaction.expired': onPurchase('expire'),
  'card.transaction.captured': capture,
  'card.transaction.refunded': async (at) => {
    const id = await capture(at);
    const terms = { amount: AMOUNT, network_reference: `refund-${id}` };
    await at.send('POST', `/v1/card_transactions/${id}/refund`, terms);
  },
};

/** Why there is no recipe. */
export const NOT_TRIGGERED: { readonly [T in PublicEventType]?: string } = {
  'tenant.created': 'it is the first event of another tenant',
  'tenant.deactivated': 'it would end the sandbox tenant',
  'api_version.released': 'it comes when this server begins to serve a new version of the API',
  'settlement.created': 'it comes with the first clearing of a business day: daybook trigger card.transaction.captured',
  'settlement.updated': 'it comes when a business day has ended',
  'settlement.completed': 'it is told of a settlement that was netted: POST /v1/settlements/{id}/complete',
  'settlement.failed': 'it is told of a settlement that was netted: POST /v1/settlements/{id}/fail',
  'liquidity.alert': 'it depends on what the tenant holds and owes',
  'liquidity.restored': 'it depends on what the tenant holds and owes',
  'health.threshold_crossed': 'it is measured: eleven blocked accounts of a day cross the threshold within a minute',
  'health.threshold_restored': 'it is measured, over a day or a week',
};

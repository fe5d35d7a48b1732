/**
 * Requests made from the published document, mostly wrong in some way: none may be answered with a 5xx, none that is
 * refused may append anything but a refusal that is kept, and every answer has the shape that is published for it.
 */
import fc from 'fast-check';
import { OPERATION_NAMES, operationOf } from '#contract/operations.js';
import { ApiUnderTest, type Reply } from './spec-support.js';

interface Json {
  readonly [key: string]: unknown;
}

let api: ApiUnderTest;
let tenant: string;
let document: { readonly paths: Json; readonly components: { readonly schemas: Record<string, Json> } };
/** Ids that exist, so that not everything ends at a 404. */
const known: string[] = [];

beforeAll(async () => {
  api = await ApiUnderTest.start();
  tenant = await api.tenant();
  const account = await api.funded(tenant, 1_000_000);
  const other = await api.account(tenant);
  const card = await api.send(tenant, 'POST', '/v1/cards', { account_id: account, type: 'virtual' });
  await api.send(tenant, 'POST', `/v1/cards/${card.body.id}/activate`);
  const moved = await api.send(tenant, 'POST', '/v1/transactions', {
    type: 'transfer',
    amount: 5,
    currency: 'NGN',
    source: account,
    destination: other,
  });
  const held = await api.send(tenant, 'POST', '/v1/card_transactions/authorize', {
    card_id: card.body.id,
    amount: 5,
    currency: 'NGN',
    merchant: { name: 'x', category_code: '5411' },
    network_reference: 'first',
  });
  known.push(account, other, card.body.id as string, moved.body.id as string, held.body.id as string, tenant);
  document = (await api.send(tenant, 'GET', '/openapi.json')).body as unknown as typeof document;
});
afterAll(() => api.close());

const WILD: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1,
  1.5,
  1e308,
  2 ** 53,
  9007199254740991,
  '',
  'x',
  '\u0000',
  '\ud800',
  '../..',
  "'; DROP TABLE accounts; --",
  '<script>',
  '%s%n',
  'a'.repeat(600),
  '4242 4242 4242 4242',
  '2026-01-01T00:00:00Z',
  'NGN',
  'USD',
  [],
  {},
  [[]],
  { a: 'b' },
  [null],
  { $ref: '#' },
  JSON.parse('{"__proto__":{"polluted":true}}'),
  'qp_sk_live_x',
  's1.tnt.abc',
  'constructor',
];

const wild = (): fc.Arbitrary<unknown> =>
  fc.oneof(fc.constantFrom(...WILD), fc.constantFrom(...known), fc.jsonValue({ maxDepth: 3 }));

const resolved = (schema: Json): Json => {
  const ref = schema.$ref as string | undefined;
  return ref === undefined ? schema : (document.components.schemas[ref.split('/').at(-1) as string] as Json);
};

const valueFor = (given: Json): fc.Arbitrary<unknown> => {
  const schema = resolved(given);
  const {
    enum: values,
    properties,
    required = [],
    items,
    type,
    pattern,
    format,
    minimum,
    maximum,
  } = schema as {
    enum?: unknown[];
    properties?: Record<string, Json>;
    required?: string[];
    items?: Json;
    type?: string;
    pattern?: string;
    format?: string;
    minimum?: number;
    maximum?: number;
  };
  if (values) return fc.constantFrom(...values);
  if (properties) {
    const fields = Object.fromEntries(
      Object.entries(properties).map(([name, field]) => [name, spoiled(valueFor(field), 40)]),
    );
    return fc.record(fields, { requiredKeys: required });
  }
  if (items) return fc.array(valueFor(items), { maxLength: 3 });
  const ids = known.filter((id) => pattern !== undefined && new RegExp(pattern).test(id));
  if (ids.length > 0) return fc.constantFrom(...ids);
  if (format === 'currency') return fc.constantFrom('NGN', 'NGN', 'NGN', 'USD');
  if (format === 'date-time')
    return fc.constantFrom('2026-01-01T00:00:00Z', '2999-01-01T00:00:00Z', '2026-01-01T00:00:00.123456+14:00');
  if (type === 'integer') return fc.integer({ min: minimum ?? 0, max: Math.min(maximum ?? 1_000, 100_000) });
  if (type === 'boolean') return fc.boolean();
  if (type === 'object') return fc.dictionary(fc.string({ maxLength: 5 }), fc.string({ maxLength: 5 }), { maxKeys: 3 });
  return fc.oneof(fc.string({ minLength: 1, maxLength: 20 }), fc.string({ unit: 'binary', maxLength: 10 }));
};

/** The value, but once in `n` times something else. */
const spoiled = (value: fc.Arbitrary<unknown>, n: number): fc.Arbitrary<unknown> =>
  fc.oneof({ arbitrary: value, weight: n - 1 }, { arbitrary: wild(), weight: 1 });

const urlFor = (path: string, query: Json[]): fc.Arbitrary<string> => {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string);
  const prefix: Record<string, string> = {
    account_id: 'acc',
    card_id: 'card',
    transaction_id: 'ltx',
    card_transaction_id: 'txn',
    tenant_id: 'tnt',
  };
  const segment = (name: string): fc.Arbitrary<string> => {
    const fitting = known.filter((id) => id.startsWith(`${prefix[name]}_`));
    const odd = fc.oneof(
      fc.constantFrom('x', 'acc_1', 'a..b', '%00', 'tnt_01HZXK5Y8Q2J3M4N5P6R7S8T9V'),
      fc.string({ minLength: 3, maxLength: 8 }).map(encodeURIComponent),
    );
    return fitting.length === 0
      ? odd
      : fc.oneof({ arbitrary: fc.constantFrom(...fitting), weight: 6 }, { arbitrary: odd, weight: 1 });
  };
  const parameters = query.map(({ name, schema }) =>
    fc.oneof(
      { arbitrary: fc.constant(''), weight: 5 },
      {
        arbitrary: fc.oneof(valueFor(schema as Json), wild()).map((value) => `${name as string}=${encoded(value)}`),
        weight: 1,
      },
    ),
  );
  return fc.tuple(fc.tuple(...names.map(segment)), fc.tuple(...parameters)).map(([segments, pairs]) => {
    let url = path;
    names.forEach((name, i) => (url = url.replace(`{${name}}`, segments[i] as string)));
    const asked = pairs.filter((pair) => pair !== '').join('&');
    return asked === '' ? url : `${url}?${asked}`;
  });
};

const encoded = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  try {
    return encodeURIComponent(text);
  } catch {
    return '%ED%A0%80';
  }
};

const headersFor = (): fc.Arbitrary<Record<string, string>> =>
  fc.record(
    {
      'qairopay-version': fc.constantFrom('2025-11-01', '2026-05-19', '2026-05-18', 'x'),
      'min-ledger-revision': fc.constantFrom('0', '1', '-1', 'x', '99999999999999999999'),
      'content-type': fc.constantFrom(
        'application/json',
        'application/json; charset=utf-8',
        'text/plain',
        ';;;',
        'application/xml',
      ),
      'x-request-id': fc.constantFrom('x', '\t'),
    },
    { requiredKeys: [] },
  );

/** Statuses of what is refused and yet kept: a failed posting. */
const isKept = ({ body }: Reply): boolean =>
  body.error?.transaction_id !== undefined || body.error?.card_transaction_id !== undefined;

describe.each(OPERATION_NAMES)('%s', (name) => {
  const { path, method, plane, body, bodyOptional } = operationOf(name);

  it('never fails, and appends nothing where it refuses', async () => {
    const told = (document.paths[path] as Json)[method.toLowerCase()] as { parameters?: Json[] };
    const query = (told.parameters ?? []).filter((parameter) => parameter.in === 'query');
    const bodies: fc.Arbitrary<unknown> =
      body === undefined ? fc.constant(undefined) : spoiled(valueFor(document.components.schemas[body] as Json), 12);
    const headers = fc.oneof(
      { arbitrary: fc.constant<Record<string, string>>({}), weight: 3 },
      { arbitrary: headersFor(), weight: 1 },
    );
    await fc.assert(
      fc.asyncProperty(urlFor(path, query), bodies, headers, async (url, sent, more) => {
        // A tenant that was closed down by the last request is of no use to the next one.
        if (name === 'changeTenantStatus' || name === 'closeTenantAccount' || name === 'closeAccount')
          tenant = known.at(-1) as string;
        const before = await api.head(tenant);
        const credential = plane === 'admin' ? 'operator-token' : tenant;
        const payload = sent === undefined && bodyOptional === true ? undefined : sent;
        const answer = await api.send(tenant, method, url, payload, { credential, headers: more });
        const isAsked = more['min-ledger-revision'] !== undefined && answer.status === 503;
        if (answer.status >= 500 && !isAsked) throw new Error(`${answer.status} ${answer.text}`);
        if (answer.status >= 400 && !isKept(answer) && (await api.head(tenant)) !== before)
          throw new Error(`appended: ${answer.text}`);
        if (answer.status < 200 || (answer.status >= 300 && answer.status < 400))
          throw new Error(`odd status ${answer.status}`);
        expect(({} as Json).polluted).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});

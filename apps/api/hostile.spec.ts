/**
 * What somebody sends who looks for a hole, over every route of the published document: none of it is answered with a 5xx or
 * takes long, and none that is refused appends anything but a refusal that is kept.
 */
import { OPERATION_NAMES, operationOf, type OperationName } from '#contract/operations.js';
import { ApiUnderTest, type Reply } from './spec-support.js';

interface Json {
  readonly [key: string]: unknown;
}

const ULID = '01HZXK5Y8Q2J3M4N5P6R7S8T9V';
/** Far beyond what any of it takes; an expression that goes back and forth over it would take minutes. */
const LONG_MS = 5_000;

let api: ApiUnderTest;
let tenant: string;
let schemas: Record<string, Json>;
beforeAll(async () => {
  api = await ApiUnderTest.start('silent', true);
  const { body } = await api.send('', 'GET', '/openapi.json', undefined, { credential: null });
  schemas = (body.components as { schemas: Record<string, Json> }).schemas;
});
/** What an operation does to its tenant is not the next one's matter. */
const tenantOfItsOwn = async (): Promise<void> => {
  tenant = await api.tenant({ environment: 'sandbox' });
};
afterAll(() => api.close());

const resolved = (schema: Json): Json => {
  const ref = schema.$ref as string | undefined;
  return ref === undefined ? schema : schemas[ref.split('/').at(-1)!]!;
};

/** A body that has the right shape, if not much sense. */
const plausible = (given: Json): unknown => {
  const {
    enum: values,
    type,
    properties,
    required = [],
    items,
    pattern,
    format,
    minimum = 1,
  } = resolved(given) as {
    enum?: unknown[];
    type?: string | string[];
    properties?: Record<string, Json>;
    required?: string[];
    items?: Json;
    pattern?: string;
    format?: string;
    minimum?: number;
  };
  if (values !== undefined) return values[0];
  const prefix = /^\^([a-z]+)_\[0-7\]/.exec(pattern ?? '')?.[1];
  if (prefix !== undefined) return `${prefix}_${ULID}`;
  if (properties !== undefined) return Object.fromEntries(required.map((name) => [name, plausible(properties[name]!)]));
  if (items !== undefined) return [plausible(items)];
  if (format === 'currency') return 'NGN';
  if (format === 'date-time') return '2026-01-01T00:00:00Z';
  const types = [type].flat();
  if (types.includes('boolean')) return true;
  if (types.includes('integer') || types.includes('number')) return Math.max(minimum, 1);
  return types.includes('object') ? {} : 'abcdefghijkl';
};

const urlOf = (name: OperationName, id: (parameter: string) => string): string =>
  operationOf(name).path.replace(/\{(\w+)\}/g, (_, parameter: string) => id(parameter));

/** Ids that could be somebody's; the tenant is one that there is. */
const somebodys = (parameter: string): string => (parameter === 'tenant_id' ? tenant : `x_${ULID}`);

const ask = async (name: OperationName, url: string, payload?: unknown): Promise<Reply> => {
  const { method, plane } = operationOf(name);
  const before = await api.head(tenant);
  const began = performance.now();
  const credential = plane === 'admin' ? 'operator-token' : tenant;
  const answer = await api.send(tenant, method, url, payload, { credential });
  const took = performance.now() - began;
  const told = `${method} ${url.slice(0, 120)} ${JSON.stringify(payload)?.slice(0, 120)}: ${answer.status}`;
  if (answer.status >= 500) throw new Error(`${told} ${answer.text.slice(0, 300)}`);
  if (took > LONG_MS) throw new Error(`${told} took ${took} ms`);
  const isKept = answer.body.error?.transaction_id ?? answer.body.error?.card_transaction_id;
  if (answer.status >= 400 && isKept === undefined && (await api.head(tenant)) !== before)
    throw new Error(`${told}, and something was appended`);
  return answer;
};

const MANY = Array.from({ length: 10_000 }, () => 0);

const TEXTS: readonly string[] = [
  "'; DROP TABLE accounts; --",
  "' OR '1'='1",
  `${'a'.repeat(20_000)}!`,
  'a@'.repeat(10_000),
  '4 '.repeat(10_000),
  ' '.repeat(20_000),
  `${'-'.repeat(20_000)}_`,
  '../../../../etc/passwd',
  'x\r\nSet-Cookie: a=b',
  '${jndi:ldap://x}{{7*7}}<%= 7 %>',
  '\u202e\ufeff\u200b',
  's1.tnt.AAAA',
];

/** Names that a body may not say: of what the ledger knows by itself, and of what JavaScript is made of. */
const NAMES = [
  'tenant_id',
  'id',
  'object',
  'created_at',
  'balance',
  'available_balance',
  'revision',
  'is_admin',
  'toString',
];

const POLLUTING: readonly string[] = [
  '"__proto__":{"polluted":true}',
  '"constructor":{"prototype":{"polluted":true}}',
  '"prototype":{"polluted":true}',
  '"__defineGetter__":"x"',
];

const withBodies = OPERATION_NAMES.filter((name) => operationOf(name).body !== undefined);

describe.each(withBodies)('the body of %s', (name) => {
  const { body } = operationOf(name);
  let properties: Record<string, Json>;
  let valid: Json;
  beforeAll(tenantOfItsOwn);
  beforeAll(() => {
    properties = (schemas[body!]!.properties ?? {}) as Record<string, Json>;
    valid = plausible(schemas[body!]!) as Json;
  });
  const url = (): string => urlOf(name, somebodys);

  it('says nothing of what only the ledger says', async () => {
    for (const field of NAMES.filter((one) => !Object.hasOwn(properties, one))) {
      const answer = await ask(name, url(), { ...valid, [field]: 'x' });
      expect([field, answer.status]).toEqual([field, expect.any(Number)]);
      if (answer.status < 400 || answer.status > 404) throw new Error(`${field} was taken: ${answer.status}`);
      if (answer.status === 400) expect(answer.body.error).toMatchObject({ code: 'unknown_field', param: field });
    }
  });

  it('reaches nothing that all objects have', async () => {
    for (const member of POLLUTING) {
      const text = JSON.stringify(valid);
      const answer = await ask(name, url(), `${text.slice(0, -1)}${text === '{}' ? '' : ','}${member}}`);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(({} as Json).polluted).toBeUndefined();
    }
  });

  it('is no list, and holds none of ten thousand', async () => {
    expect((await ask(name, url(), MANY)).status).toBeGreaterThanOrEqual(400);
    for (const field of Object.keys(properties)) {
      expect((await ask(name, url(), { ...valid, [field]: MANY })).status).toBeGreaterThanOrEqual(400);
    }
  });

  it('may hold whatever text it likes', async () => {
    const fields = Object.keys(properties).filter((field) => JSON.stringify(properties[field]).includes('"string"'));
    for (const text of TEXTS) {
      for (const field of fields.slice(0, 3)) await ask(name, url(), { ...valid, [field]: text });
      await ask(name, url(), { ...valid, ...Object.fromEntries(fields.map((field) => [field, text])) });
    }
  }, 60_000);
});

describe.each(OPERATION_NAMES)('the URL of %s', (name) => {
  const { path, query = {} } = operationOf(name);
  beforeAll(tenantOfItsOwn);
  const IDS = [
    '..%2f..%2fetc%2fpasswd',
    '..;',
    '%00',
    'acc_%F0%9F%98%80',
    `acc_${ULID}'%20OR%201=1--`,
    '__proto__',
    'constructor',
    'null',
    '*',
    `${ULID}%0d%0aX-A:%20b`,
  ];
  const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter!);

  it('names nothing but what it may', async () => {
    for (const parameter of parameters)
      for (const id of IDS) {
        const url = urlOf(name, (one) => (one === parameter ? id : somebodys(one)));
        const { status } = await ask(name, url, operationOf(name).body === undefined ? undefined : {});
        if (status < 400 || status > 405) throw new Error(`${url}: ${status}`);
      }
  });

  it('asks for nothing but what it may', async () => {
    const url = urlOf(name, somebodys);
    const sent = operationOf(name).body === undefined ? undefined : {};
    for (const odd of [
      '__proto__=x',
      'constructor[prototype]=x',
      '__proto__[polluted]=x',
      'toString=x',
      'a=1&a=2',
      '[]=',
    ]) {
      if (operationOf(name).plane !== 'open')
        expect((await ask(name, `${url}?${odd}`, sent)).status).toBeGreaterThanOrEqual(400);
      expect(({} as Json).polluted).toBeUndefined();
    }
    for (const parameter of Object.keys(query))
      for (const text of TEXTS.filter(({ length }) => length < 5_000))
        await ask(name, `${url}?${parameter.replace('[*]', '[a]')}=${encodeURIComponent(text)}`, sent);
  });
});

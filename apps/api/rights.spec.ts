/** The published table of rights against what is answered, operation by operation. */
import { OPERATION_NAMES, operationOf, type OperationName } from '#contract/operations.js';
import { RIGHTS, type RightsRow } from '#contract/rights.js';
import { SCOPE_NAMES } from '#contract/scopes.js';
import { ROLE_SCOPES } from '#contract/roles.js';
import { ROLES, type Role } from '#domain/users/users.js';
import { ApiUnderTest, type Reply } from './spec-support.js';

interface Json {
  readonly [key: string]: unknown;
}

const ULID = '01HZXK5Y8Q2J3M4N5P6R7S8T9V';
let api: ApiUnderTest;
let schemas: Record<string, Json>;
const stopped: Record<string, string> = {};
let live: string;
beforeAll(async () => {
  api = await ApiUnderTest.start();
  live = await api.tenant();
  for (const status of ['suspended', 'inactive']) {
    const id = await api.tenant({ environment: 'sandbox' });
    await api.admin('PATCH', `/${id}/status`, { status });
    stopped[status] = id;
  }
  const { body } = await api.send(live, 'GET', '/openapi.json', undefined, { credential: null });
  schemas = (body.components as { schemas: Record<string, Json> }).schemas;
});
afterAll(() => api.close());

const rowOf = (name: OperationName): RightsRow => RIGHTS.find(({ operation }) => operation === name)!;
const told = ({ status, body }: Reply): string => [status, body.error?.code].filter(Boolean).join(' ');

/** What a request must hold, and nothing more. */
const leastOf = (given: Json): unknown => {
  const ref = given.$ref as string | undefined;
  const {
    enum: values,
    type,
    properties,
    required = [],
    items,
    minItems = 0,
    minLength = 1,
    minimum = 1,
    pattern,
    format,
  } = (ref === undefined ? given : schemas[ref.split('/').at(-1)!]) as {
    enum?: unknown[];
    type?: string | string[];
    properties?: Record<string, Json>;
    required?: string[];
    items?: Json;
    minItems?: number;
    minLength?: number;
    minimum?: number;
    pattern?: string;
    format?: string;
  };
  if (values !== undefined) return values[0];
  const prefix = /^\^([a-z]+)_\[0-7\]/.exec(pattern ?? '')?.[1];
  if (prefix !== undefined) return `${prefix}_${ULID}`;
  if (properties !== undefined) {
    return Object.fromEntries(required.map((name) => [name, leastOf(properties[name]!)]));
  }
  if (items !== undefined) return Array.from({ length: minItems }, () => leastOf(items));
  if (format === 'currency') return 'NGN';
  if (format === 'date-time') return '2026-01-01T00:00:00Z';
  if ([type].flat().includes('boolean')) return true;
  if ([type].flat().some((one) => one === 'integer' || one === 'number')) return Math.max(minimum, 1);
  if ([type].flat().includes('object')) return {};
  if (pattern?.includes('@') === true) return 'a@b.example';
  return [...'5411x'.repeat(40)].slice(0, Math.max(minLength, 4)).join('');
};

/** Where the least is not enough: one of several things is wanted, or a form that no schema says. */
const MORE: { readonly [N in OperationName]?: Json } = {
  postTransaction: { type: 'transfer', source: `acc_${ULID}`, destination: `acc_${ULID}` },
  postBatch: {
    atomic: true,
    transactions: [{ type: 'transfer', amount: 1, currency: 'NGN', source: `acc_${ULID}`, destination: `acc_${ULID}` }],
  },
  closeAccount: { confirmation: 'CLOSE_ACCOUNT' },
  closeTenantAccount: { confirmation: 'CLOSE_ACCOUNT' },
  blockAccount: { block_debits: true },
  blockTenantAccount: { block_debits: true },
  unblockAccount: { unblock_debits: true },
  unblockTenantAccount: { unblock_debits: true },
  closePeriod: { through: '2026-01-31T23:59:59.999Z' },
  updateApiKey: { rate_limit_per_min: 5 },
  updateUser: { role: 'viewer' },
  pinApiVersion: { version: null },
  importBankStatement: {
    file: Buffer.from(':20:S\n:60F:C260101NGN1,\n:62F:C260101NGN1,').toString('base64'),
  },
  createWebhookEndpoint: { url: 'https://acme.example/hooks' },
  createTenantWebhookEndpoint: { url: 'https://acme.example/hooks' },
};

/** What only takes something away from somebody. */
const RESTRICTING: { readonly [N in OperationName]?: Json } = {
  updateApiKey: { is_active: false },
  updateUser: { status: 'revoked' },
};

const sent = (name: OperationName, tenantId: string, body?: Json, credential = tenantId): Promise<Reply> => {
  const { path, method, body: bodyName, plane } = operationOf(name);
  const url = path.replace('{tenant_id}', tenantId).replace(/\{(\w+)_id\}/g, (_, noun: string) => {
    const prefix = {
      account: 'acc',
      transaction: 'ltx',
      card: 'card',
      card_transaction: 'txn',
      key: 'key',
      user: 'usr',
      reservation: 'rsv',
      settlement: 'set',
      liquidity_snapshot: 'liq',
      bank_statement: 'bst',
      bank_statement_line: 'bsl',
      customer: 'cust',
      kyc_submission: 'kyc',
      workspace: 'wsp',
      subject: 'cust',
      event: 'evt',
      endpoint: 'whk',
      delivery: 'dlv',
      replay: 'rpl',
    }[noun];
    return `${prefix}_${ULID}`;
  });
  const payload =
    bodyName === undefined ? undefined : { ...(leastOf(schemas[bodyName]!) as Json), ...(body ?? MORE[name]) };
  return api.send(tenantId, method, url, payload, { credential: plane === 'admin' ? 'operator-token' : credential });
};

it('has one row for each operation', () => {
  expect(RIGHTS.map(({ operation }) => operation)).toEqual(OPERATION_NAMES);
});

it('is the row that the reference and the OpenAPI document tell', async () => {
  const { body } = await api.send(live, 'GET', '/openapi.json', undefined, { credential: null });
  const paths = body.paths as Record<string, Record<string, { 'x-rights': object; description: string }>>;
  for (const { operation, ...row } of RIGHTS) {
    const { path, method } = operationOf(operation);
    expect(paths[path]?.[method.toLowerCase()]?.['x-rights']).toEqual(row);
  }
});

describe.each(['suspended', 'inactive'])('of a tenant that is %s', (status) => {
  const writes = OPERATION_NAMES.filter((name) => {
    const { plane, path, writes } = operationOf(name);
    return writes && (plane === 'tenant' || (plane === 'admin' && path.includes('{tenant_id}')));
  }).filter((name) => name !== 'changeTenantStatus');

  it.each(writes)('%s is left as the table says', async (name) => {
    const { while_stopped } = rowOf(name);
    const answer = await sent(name, stopped[status]!);
    // Judged before anything else that it says: what it names need not exist.
    if (while_stopped === 'all') expect(told(answer)).not.toMatch(/403/);
    else expect(told(answer)).toBe(`403 tenant_${status}`);
    if (while_stopped === 'restrictions')
      expect(told(await sent(name, stopped[status]!, RESTRICTING[name]))).toMatch(/404/);
  });
});

describe.each(ROLES)('a user who is %s', (role: Role) => {
  it('may call what the table says, and is refused the rest for their scope', async () => {
    const user = `user-${role}`;
    api.credentials.known.set(user, {
      plane: 'tenant',
      tenantId: live,
      environment: 'live',
      callerId: `usr_${ULID}`,
      scopes: ROLE_SCOPES[role],
    });
    for (const { operation, roles, environment } of RIGHTS.filter(({ caller }) => caller === 'tenant')) {
      if (environment === 'sandbox') continue;
      const code = told(await sent(operation, live, undefined, user));
      if (roles.includes(role)) expect([operation, code]).not.toEqual([operation, '403 missing_scope']);
      else expect([operation, code]).toEqual([operation, '403 missing_scope']);
    }
  }, 60_000);
});

it('a key may call what its one scope is for, and nothing else', async () => {
  for (const scope of SCOPE_NAMES) {
    const key = api.key(live, [scope]);
    for (const row of RIGHTS.filter(({ caller, environment }) => caller === 'tenant' && environment === 'any')) {
      const code = told(await sent(row.operation, live, undefined, key));
      const isRight = row.scope === null || row.scope === scope;
      expect([row.operation, scope, code === '403 missing_scope']).toEqual([row.operation, scope, !isRight]);
    }
  }
}, 120_000);

/** The engine over a contract made up for it: what a version may ever say, whatever those that shipped do. */
import type { ApiVersion } from '../api-versions.js';
import type { Operation } from '../operation-terms.js';
import type { PublicEvent } from '../public-events.js';
import type { QueryParameter } from '../query-parameters.js';
import type { Schema } from '../schema-words.js';
import { onResource, renamedWebhookHeader, requiredHeader, type Change, type Json, type Target } from './change.js';
import { mapEnum, rename, requiredSince } from './edits.js';
import { VersionedContract } from './versioned-contract.js';
import { renderEvent, signatureHeader } from './webhooks.js';

const [OLD, MIDDLE, NEW] = ['2030-01-01', '2030-06-01', '2031-01-01'] as const;
const text: Schema = { type: 'string' };

const change = (id: string, ...on: readonly Target[]): Change => ({
  id,
  breaks: ['field_removed_or_renamed'],
  what: id,
  why: '',
  how: '',
  on,
});

const VERSIONS: readonly ApiVersion[] = [
  { date: OLD, deprecated: null, ends: null, changes: [] },
  {
    date: MIDDLE,
    deprecated: null,
    ends: null,
    changes: [
      change('reference', onResource('transaction', [rename('reference', { was: 'ref' })])),
      change('key', requiredHeader('Idempotency-Key', 'tenant')),
      change('zone', onResource('transaction', [requiredSince('zone', { byDefault: 'UTC' })])),
    ],
  },
  {
    date: NEW,
    deprecated: null,
    ends: null,
    changes: [
      change('status', onResource('transaction', [mapEnum('status', { completed: 'done' })])),
      change('reference-again', onResource('transaction', [rename('ref_code', { was: 'reference' })])),
      change('error', onResource('error_details', [mapEnum('code', { too_poor: 'insufficient_funds' })])),
      change('entries', onResource('transaction', [rename('entries[].account_id', { was: 'account' })])),
      change('hook', renamedWebhookHeader('X', { was: 'Y' })),
    ],
  },
];

const entry: Schema = { type: 'object', properties: { account_id: text, amount: { type: 'integer' } } };
const body: Schema = {
  type: 'object',
  properties: { ref_code: text, zone: text, entries: { type: 'array', items: entry } },
  required: ['ref_code', 'zone'],
};
const SCHEMAS: Readonly<Record<string, Schema>> = {
  transaction: {
    type: 'object',
    properties: {
      object: { const: 'transaction' },
      ref_code: text,
      zone: text,
      status: { type: 'string', enum: ['completed', 'failed'] },
      entries: { type: 'array', items: entry },
      metadata: { type: 'object', additionalProperties: text },
    },
    required: ['object', 'ref_code', 'status'],
  },
  error: { type: 'object', properties: { error: { $ref: '#/components/schemas/error_details' } } },
  error_details: { type: 'object', properties: { code: { type: 'string', enum: ['too_poor', 'lost'] }, param: text } },
  transaction_batch: {
    type: 'object',
    properties: {
      object: { const: 'transaction_batch' },
      data: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            transaction: { $ref: '#/components/schemas/transaction' },
            error: { $ref: '#/components/schemas/error_details' },
          },
        },
      },
    },
  },
};

const enumerated = (...values: string[]): QueryParameter => ({
  schema: { type: 'string', enum: values },
  description: '',
  parse: (value) => (values.includes(value) ? { value } : { wrong: 'invalid_enum' }),
});

const terms = {
  plane: 'tenant',
  scope: null,
  entitlement: null,
  tag: '',
  summary: '',
  writes: true,
  status: 200,
} as const;
const OPERATIONS: Readonly<Record<string, Operation>> = {
  post: { ...terms, method: 'POST', path: '/v1/x', answers: 'transaction', body: 'PostBody' },
  batch: { ...terms, method: 'POST', path: '/v1/x/batch', answers: 'transaction_batch', body: 'BatchBody' },
  list: {
    ...terms,
    method: 'GET',
    path: '/v1/x',
    writes: false,
    answers: 'list:transaction',
    query: {
      ref_code: { ...enumerated(), parse: (value) => ({ value }) },
      status: enumerated('completed', 'failed'),
      sort: enumerated('ref_code', '-ref_code', 'amount'),
    },
  },
};

const contract = new VersionedContract({
  operations: OPERATIONS,
  schemas: SCHEMAS,
  bodies: {
    PostBody: body,
    BatchBody: {
      type: 'object',
      properties: { transactions: { type: 'array', items: body }, atomic: { type: 'boolean' } },
    },
  },
  versions: VERSIONS,
});

const lifted = (operation: string, version: string, sent: Json): [Json, string[]] => {
  const fired = contract.view(operation, version).lift?.(sent, null) ?? new Set();
  return [sent, [...fired].sort()];
};
const lowered = (operation: string, version: string, answer: Json): [Json, string[]] => {
  const before = JSON.stringify(answer);
  const told = contract.view(operation, version).lower?.(answer) ?? { answer, fired: new Set<string>() };
  // It may be what the ledger holds in memory.
  expect(JSON.stringify(answer)).toBe(before);
  return [told.answer as Json, [...told.fired].sort()];
};
const transaction = (): Json => ({
  object: 'transaction',
  ref_code: 'rent',
  status: 'completed',
  entries: [{ account_id: 'a', amount: 1 }],
  metadata: { object: 'transaction', ref_code: 'mine', status: 'completed' },
});
const OLDEST_TRANSACTION = {
  object: 'transaction',
  ref: 'rent',
  status: 'done',
  entries: [{ account: 'a', amount: 1 }],
  metadata: { object: 'transaction', ref_code: 'mine', status: 'completed' },
};

describe('a request', () => {
  it('is lifted through every version on the way', () => {
    expect(lifted('post', OLD, { ref: 'rent', entries: [{ account: 'a', amount: 1 }] })).toEqual([
      { ref_code: 'rent', zone: 'UTC', entries: [{ account_id: 'a', amount: 1 }] },
      ['entries', 'reference', 'reference-again', 'zone'],
    ]);
    expect(lifted('post', MIDDLE, { reference: 'rent', zone: 'UTC' })[0]).toEqual({ ref_code: 'rent', zone: 'UTC' });
    expect(contract.view('post', NEW).lift).toBeNull();
  });

  it('is what the version says that it is', () => {
    expect(contract.view('post', OLD).body).toMatchObject({ properties: { ref: text }, required: ['ref'] });
    expect(contract.view('post', MIDDLE).body).toMatchObject({ required: ['reference', 'zone'] });
    expect(contract.bodiesAt(NEW).PostBody).toEqual(body);
    expect([OLD, MIDDLE, NEW].map((version) => Object.keys(contract.otherBodiesAt(version)))).toEqual([
      ['PostBody', 'BatchBody'],
      ['PostBody', 'BatchBody'],
      [],
    ]);
  });

  it('says a resource also within a batch', () => {
    expect(lifted('batch', OLD, { transactions: [{ ref: 'a' }, { ref: 'b' }] })[0]).toEqual({
      transactions: [
        { ref_code: 'a', zone: 'UTC' },
        { ref_code: 'b', zone: 'UTC' },
      ],
    });
  });

  it('asks by the names and values of its version', () => {
    const { query = {}, liftQuery } = contract.view('list', OLD);
    expect(Object.keys(query)).toEqual(['ref', 'status', 'sort']);
    expect(query.status?.schema).toEqual({ type: 'string', enum: ['done', 'failed'] });
    expect(query.status?.parse('done')).toEqual({ value: 'completed' });
    expect(query.status?.parse('completed')).toEqual({ wrong: 'invalid_enum' });
    expect(query.sort?.parse('-ref')).toEqual({ value: '-ref_code' });
    expect(query.sort?.parse('amount')).toEqual({ value: 'amount' });
    expect(query.sort?.parse('ref_code')).toEqual({ wrong: 'invalid_enum' });
    expect(liftQuery?.({ ref: 'rent', status: 'completed' })).toEqual({ ref_code: 'rent', status: 'completed' });
    expect(contract.view('list', NEW).liftQuery).toBeNull();
  });

  it('needs a key from the version on that says so', () => {
    const keys = [OLD, MIDDLE, NEW].map((version) => contract.view('post', version));
    expect(keys.map(({ requiresKey, keyChange }) => [requiresKey, keyChange])).toEqual([
      [false, 'key'],
      [true, null],
      [true, null],
    ]);
    expect(contract.view('list', NEW).requiresKey).toBe(false);
  });
});

describe('an answer', () => {
  it('is lowered at any depth, and what clients named themselves is left alone', () => {
    expect(lowered('post', OLD, transaction())).toEqual([
      OLDEST_TRANSACTION,
      ['entries', 'reference', 'reference-again', 'status'],
    ]);
    const list = { object: 'list', data: [transaction(), { object: 'other', inner: [transaction()] }] };
    expect(lowered('list', OLD, list)[0]).toEqual({
      object: 'list',
      data: [OLDEST_TRANSACTION, { object: 'other', inner: [OLDEST_TRANSACTION] }],
    });
    expect(contract.view('post', NEW).lower).toBeNull();
  });

  it('that is CSV has its columns and cells lowered', () => {
    const rows = ['rent', 'a, "b"\r\nc', null].map((ref_code) => ({
      ref_code,
      amount: 5,
      status: 'completed',
      more: 1,
    }));
    const columns = ['ref_code', 'amount', 'status'];
    const told = (version: string): [string, string[]] => {
      const csv = contract.view('list', version).csv!(columns);
      return [csv.head() + csv.rows(rows), [...csv.fired].sort()];
    };
    expect(told(OLD)).toEqual([
      'ref,amount_minor,status\r\nrent,5,done\r\n"a, ""b""\r\nc",5,done\r\n,5,done\r\n',
      ['reference', 'reference-again', 'status'],
    ]);
    expect(told(NEW)).toEqual([
      'ref_code,amount_minor,status\r\nrent,5,completed\r\n"a, ""b""\r\nc",5,completed\r\n,5,completed\r\n',
      [],
    ]);
    expect(contract.view('post', OLD).csv).toBeNull();
  });

  it('that is an event says what was before in the same words', () => {
    const event = {
      object: 'event',
      api_version: NEW,
      data: { transaction: transaction(), other: { object: 'other' } },
      previous_attributes: { status: 'completed', metadata: { status: 'completed' } },
    };
    expect(contract.lowering(OLD).lower(event).answer).toEqual({
      object: 'event',
      api_version: OLD,
      data: { transaction: OLDEST_TRANSACTION, other: { object: 'other' } },
      previous_attributes: { status: 'done', metadata: { status: 'completed' } },
    });
  });

  it('that is an error names what the caller sent', () => {
    const { lowerError } = contract.view('batch', OLD);
    const error = (param: string | null): Json => ({
      error: { code: 'too_poor', param, request_id: 'req_1', message: `${param} is wrong.` },
    });
    const tell = (param: string | null, isLifted = true): unknown => {
      const envelope = error(param);
      const told = lowerError?.(envelope, isLifted) as { error: Json };
      expect(envelope).toEqual(error(param));
      return told.error;
    };
    expect(tell('transactions[3].ref_code')).toMatchObject({
      code: 'insufficient_funds',
      param: 'transactions[3].ref',
      message: 'transactions[3].ref is wrong.',
    });
    expect(tell('transactions[3].entries[12].account_id')).toMatchObject({
      param: 'transactions[3].entries[12].account',
    });
    expect(tell('transactions[3].ref_code_of_another')).toMatchObject({ param: 'transactions[3].ref_code_of_another' });
    expect(tell(null)).toMatchObject({ param: null });
    // Not lifted: it is in the caller's words already, and they may be taken.
    expect(tell('transactions[3].ref_code', false)).toMatchObject({ param: 'transactions[3].ref_code' });
  });

  it('errors within it as well', () => {
    const batch = {
      object: 'transaction_batch',
      data: [{ transaction: transaction() }, { error: { code: 'too_poor', param: 'ref_code', request_id: 'req_1' } }],
    };
    expect(lowered('batch', OLD, batch)[0].data).toEqual([
      { transaction: OLDEST_TRANSACTION },
      { error: { code: 'insufficient_funds', param: 'ref_code', request_id: 'req_1' } },
    ]);
  });
});

it('versions that break their rules are not served', () => {
  const parts = { operations: {}, schemas: {}, bodies: {} };
  const versions = VERSIONS.map((version) => ({ ...version, changes: [] }));
  expect(() => new VersionedContract({ ...parts, versions })).toThrow(/breaks nothing/);
  expect(() => contract.view('post', '2029-01-01')).toThrow(RangeError);
  expect(() => contract.lowering('2029-01-01')).toThrow(RangeError);
});

describe('webhooks', () => {
  const merchant = { name: 'Shop', category_code: '5411', city: null, country: null };
  const event = {
    id: 'evt_1',
    object: 'event',
    type: 'card.transaction.updated',
    api_version: '2026-05-19',
    data: { card_transaction: { object: 'card_transaction', merchant } },
    previous_attributes: { merchant: { ...merchant, category_code: '5812' } },
  } as unknown as PublicEvent;

  it('carry their signature in the header of their version', () => {
    expect(['2025-11-01', '2026-02-01', '2026-05-19'].map(signatureHeader)).toEqual([
      'X-QairoPay-Signature',
      'QairoPay-Signature',
      'QairoPay-Signature',
    ]);
    expect(() => signatureHeader('2024-01-01')).toThrow(RangeError);
  });

  it('are written in the endpoint’s version, and the event itself stays', () => {
    const fired: string[] = [];
    const before = JSON.stringify(event);
    expect(renderEvent(event, '2025-11-01', (id) => fired.push(id))).toMatchObject({
      api_version: '2025-11-01',
      data: { card_transaction: { merchant: { category_code: 'groceries' } } },
      previous_attributes: { merchant: { category_code: 'restaurants' } },
    });
    expect(fired).toEqual(['merchant-category-mcc']);
    expect(renderEvent(event, '2026-02-01')).toMatchObject({ api_version: '2026-02-01', data: event.data });
    expect(JSON.stringify(event)).toBe(before);
    expect(() => renderEvent(event, '2024-01-01')).toThrow(RangeError);
  });
});

import 'reflect-metadata';
import fc from 'fast-check';
import { plainToInstance } from 'class-transformer';
import { IsHexColor, validateSync } from 'class-validator';
import { BODIES } from '../../../apps/api/bodies.js';
import { faultOf } from './body-problems.js';
import {
  compileBodies,
  publishedSchema,
  schemaOf,
  type BodyCheck,
  type BodyClass,
  type Schema,
} from './body-schemas.js';

const checks = compileBodies(BODIES);
const checkOf = (body: BodyClass): BodyCheck => checks.get(body.name) as BodyCheck;

const byClassValidator = (body: BodyClass, value: unknown): boolean => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const instance = plainToInstance(body, value);
  return (
    validateSync(instance, { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true }).length === 0
  );
};

/** What bodies need at least, so that one thing is wrong with them. */
const VALID = {
  OpenAccountBody: { account_name: 'Ada', wallet_type: 'customer', currency: 'NGN' },
  ClosePeriodBody: {},
  AcceptInvitationBody: { token: 'x'.repeat(40) },
  CreateApiKeyBody: { prefix: 'prod', scopes: ['accounts:read'] },
};

const ULIDS = ['01HZXK5Y8Q2J3M4N5P6R7S8T9V', '01hzxk5y8q2j3m4n5p6r7s8t9v', '81HZXK5Y8Q2J3M4N5P6R7S8T9V'];
const AWKWARD: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -0,
  1,
  -1,
  0.5,
  1.5,
  2 ** 53,
  2 ** 53 - 1,
  -(2 ** 53),
  1e21,
  1e-7,
  Infinity,
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  'x\udc00',
  '😀',
  'a️',
  'NGN',
  'ngn',
  'XXX',
  'USD',
  '4242 4242 4242 4242',
  '1',
  '0.015',
  '1.0000001',
  '0.1234567',
  '2026-05-19T10:00:00Z',
  '2026-02-30T10:00:00Z',
  '2026-05-19',
  'UTC',
  'Africa/Lagos',
  'Mars/Base',
  '5411',
  'NG',
  'x@y.z',
  'x@',
  'é'.repeat(200),
  'a'.repeat(65),
  'a'.repeat(256),
  'a'.repeat(501),
  '😀'.repeat(200),
  {},
  [],
  [[]],
  [null],
  [{}],
  { a: 'b' },
  { a: null },
  { a: 1 },
  { '': 'x' },
  { 'a\u0000': 'x' },
  { a: '4242424242424242' },
  Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, 'v'])),
  ['5411'],
  ['54'],
  ['accounts:read'],
  ...ULIDS.flatMap((ulid) => ['acc', 'card', 'cust', 'wsp'].map((prefix) => `${prefix}_${ulid}`)),
];

/** Values that a schema often accepts, and awkward ones. */
const valueFor = (schema: Schema): fc.Arbitrary<unknown> => {
  const awkward = fc.constantFrom(...AWKWARD);
  const {
    enum: values,
    properties,
    items,
    type,
    minimum,
    maximum,
    pattern,
  } = schema as {
    enum?: unknown[];
    properties?: Record<string, Schema>;
    items?: Schema;
    type?: string | string[];
    minimum?: number;
    maximum?: number;
    pattern?: string;
  };
  const fitting: fc.Arbitrary<unknown>[] = [awkward];
  if (values) fitting.push(fc.constantFrom(...values), fc.constantFrom(...values), fc.constantFrom(...values));
  if (properties) fitting.push(objectFor(schema), objectFor(schema), objectFor(schema));
  if (items)
    fitting.push(
      fc.array(valueFor(items), { maxLength: 4 }),
      fc.array(valueFor(items), { minLength: 1, maxLength: 3 }),
    );
  if (type === 'integer') fitting.push(fc.integer({ min: minimum ?? 0, max: Math.min(maximum ?? 1e6, 1e9) }));
  if (type === 'boolean') fitting.push(fc.boolean());
  if (type === 'string') fitting.push(fc.string({ maxLength: 40 }), fc.string({ unit: 'binary', maxLength: 10 }));
  if (pattern?.startsWith('^acc_')) fitting.push(fc.constant(`acc_${ULIDS[0]}`));
  if (pattern?.startsWith('^card_')) fitting.push(fc.constant(`card_${ULIDS[0]}`));
  return fc.oneof(...fitting);
};

const objectFor = (schema: Schema): fc.Arbitrary<unknown> => {
  const { properties = {}, required = [] } = schema as { properties?: Record<string, Schema>; required?: string[] };
  const fields = Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, valueFor(field)]));
  // Not names that every object has: class-validator takes those for its own, see below.
  const extra = fc.constantFrom({}, {}, {}, {}, {}, { tenant_id: 'tnt_1' }, { Amount: 1 }, { '': 'x' });
  return fc
    .tuple(
      fc.record(fields, { requiredKeys: required }),
      fc.record(fields, { requiredKeys: [] }),
      fc.integer({ max: 5, min: 0 }),
      extra,
    )
    .map(([whole, some, dice, more]) => ({ ...(dice === 0 ? some : whole), ...more }));
};

describe('request bodies', () => {
  // A class that declares nothing is unknown to class-validator.
  it.each(BODIES.filter(({ name }) => name !== 'NoBody'))(
    '%p: class-validator and the compiled schema accept the same',
    (body) => {
      const check = checkOf(body);
      let accepted = 0;
      fc.assert(
        fc.property(objectFor(schemaOf(body)), (value) => {
          // What was parsed from JSON holds no undefined, no -0 and no object of a class.
          const sent = structuredClone(value);
          const compiled = check(sent);
          if (compiled) accepted++;
          if (byClassValidator(body, sent) !== compiled) {
            throw new Error(
              `${compiled ? 'only the schema accepts' : `only class-validator accepts (${JSON.stringify(check.errors?.[0]?.message)})`}`,
            );
          }
        }),
        { numRuns: 300 },
      );
      expect(accepted).toBeGreaterThanOrEqual(0);
    },
  );

  it.each(BODIES)('%p: nothing but an object is accepted', (body) => {
    for (const value of [null, 1, 'x', true, [], [{}]])
      expect([checkOf(body)(value), byClassValidator(body, value)]).toEqual([false, false]);
  });

  it.each(BODIES)('%p: names that every object has are unknown fields too', (body) => {
    for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
      const check = checkOf(body);
      expect(check(JSON.parse(`{"${name}":"x"}`))).toBe(false);
      if (faultOf(check.errors).code !== 'missing_field')
        expect(faultOf(check.errors)).toEqual({ code: 'unknown_field', param: name });
    }
  });

  it('changes nothing of what it checks', () => {
    const value = { account_name: 'x', wallet_type: 'customer', currency: 'NGN', overdraft_limit: '5', extra: 1 };
    const before = structuredClone(value);
    checks.get('OpenAccountBody')?.(value);
    expect(value).toEqual(before);
  });

  const transfer = { type: 'transfer', amount: 1, currency: 'NGN' };
  it.each([
    ['PostTransactionBody', {}, 'missing_field', 'type'],
    ['PostTransactionBody', { ...transfer, amount: 0 }, 'amount_not_positive', 'amount'],
    ['PostTransactionBody', { ...transfer, amount: -5 }, 'amount_not_positive', 'amount'],
    ['PostTransactionBody', { ...transfer, amount: 2 ** 53 }, 'amount_out_of_range', 'amount'],
    ['PostTransactionBody', { ...transfer, amount: 1.5 }, 'type_mismatch', 'amount'],
    ['PostTransactionBody', { ...transfer, amount: '1' }, 'type_mismatch', 'amount'],
    ['PostTransactionBody', { ...transfer, amount: null }, 'type_mismatch', 'amount'],
    ['PostTransactionBody', { ...transfer, currency: 'XXX' }, 'invalid_currency', 'currency'],
    ['PostTransactionBody', { ...transfer, type: 'gift' }, 'invalid_enum', 'type'],
    ['PostTransactionBody', { ...transfer, source: 'acc_1' }, 'pattern_mismatch', 'source'],
    ['PostTransactionBody', { ...transfer, source: `card_${ULIDS[0]}` }, 'pattern_mismatch', 'source'],
    ['PostTransactionBody', { ...transfer, tenant_id: 'x' }, 'unknown_field', 'tenant_id'],
    ['PostTransactionBody', { ...transfer, narration: 'a'.repeat(501) }, 'too_long', 'narration'],
    ['PostTransactionBody', { ...transfer, narration: '' }, 'too_short', 'narration'],
    ['PostTransactionBody', { ...transfer, narration: 'a\u0000' }, 'pattern_mismatch', 'narration'],
    ['PostTransactionBody', { ...transfer, reference: '\ud800' }, 'pattern_mismatch', 'reference'],
    ['PostTransactionBody', { ...transfer, narration: '4242 4242 4242 4242' }, 'pan_not_allowed', 'narration'],
    ['PostTransactionBody', { ...transfer, metadata: { a: '4242424242424242' } }, 'pan_not_allowed', 'metadata.a'],
    ['PostTransactionBody', { ...transfer, metadata: { a: 1 } }, 'type_mismatch', 'metadata.a'],
    ['PostTransactionBody', { ...transfer, metadata: { ['k'.repeat(41)]: 'x' } }, 'too_long', 'metadata'],
    [
      'PostTransactionBody',
      { ...transfer, metadata: JSON.parse('{"__proto__":"x"}') as unknown },
      'pattern_mismatch',
      'metadata',
    ],
    ['PostTransactionBody', { ...transfer, metadata: { a: 'x'.repeat(501) } }, 'too_long', 'metadata.a'],
    ['PostTransactionBody', { ...transfer, effective_at: 'yesterday' }, 'pattern_mismatch', 'effective_at'],
    ['PostTransactionBody', { ...transfer, entries: [] }, 'too_short', 'entries'],
    ['PostTransactionBody', { ...transfer, entries: [{ account: 'x' }, {}] }, 'missing_field', 'entries[0].direction'],
    [
      'AuthorizeCardBody',
      {
        card_id: `card_${ULIDS[0]}`,
        amount: 1,
        currency: 'NGN',
        network_reference: 'n',
        merchant: { name: 'x', category_code: 'abc' },
      },
      'pattern_mismatch',
      'merchant.category_code',
    ],
    [
      'AuthorizeCardBody',
      { card_id: `card_${ULIDS[0]}`, amount: 1, currency: 'NGN', network_reference: 'n', merchant: { name: 'x' } },
      'missing_field',
      'merchant.category_code',
    ],
    [
      'ReplaceFeesBody',
      {
        rules: [
          { channel: 'funds_transfer', currency: 'NGN', flat_amount: -1, percentage_rate: 0, who_pays: 'customer' },
        ],
      },
      'amount_out_of_range',
      'rules[0].flat_amount',
    ],
    [
      'ReplaceFeesBody',
      {
        rules: [
          {
            channel: 'funds_transfer',
            currency: 'NGN',
            flat_amount: 0,
            percentage_rate: 0.1234567,
            who_pays: 'customer',
          },
        ],
      },
      'out_of_range',
      'rules[0].percentage_rate',
    ],
  ])('%s %j: %s %s', (name, value, code, param) => {
    const check = checks.get(name) as BodyCheck;
    expect(check(value)).toBe(false);
    expect(faultOf(check.errors)).toMatchObject({ code, param });
  });

  it.each([
    ['OpenAccountBody', { wallet_type: 'x' }, /^wallet_type must be one of: customer, business, .*general\.$/],
    ['OpenAccountBody', { wallet_type: 3 }, /^wallet_type must be one of: customer/],
    ['OpenAccountBody', { account_name: 3 }, /^account_name must be a text\.$/],
    ['OpenAccountBody', { allow_negative: 'no' }, /^allow_negative must be true or false\.$/],
    ['OpenAccountBody', { account_name: 'a\u0000' }, /^account_name holds a character that can’t be kept/],
    ['OpenAccountBody', { customer_id: 'me' }, /^customer_id must be an id that begins with cust_\.$/],
    [
      'OpenAccountBody',
      { metadata: { ['k'.repeat(41)]: '' } },
      /^A key of metadata must have at most 40 characters\.$/,
    ],
    ['ClosePeriodBody', { through: '2026-05-19' }, /^through must be a time .* such as 2026-05-19T09:30:00Z\.$/],
    ['AcceptInvitationBody', { password: 'short' }, /^password must have at least 12 characters\.$/],
    ['CreateApiKeyBody', { scopes: ['all'] }, /^scopes\[0\] must be one of: accounts:read, /],
    ['CreateApiKeyBody', { rate_limit_per_min: 0 }, /^rate_limit_per_min must be from 1 to \d+\.$/],
  ])('%s %j is told what it must be', (name, value, said) => {
    const check = checks.get(name) as BodyCheck;
    const whole = { ...VALID[name as 'OpenAccountBody'], ...value };
    expect(check(whole)).toBe(false);
    expect(faultOf(check.errors).message).toMatch(said);
  });

  it('refuses to compile what it does not understand', () => {
    class Painted {
      colour: string;
    }
    IsHexColor()(Painted.prototype, 'colour');
    expect(() => schemaOf(Painted)).toThrow('isHexColor');
  });

  it('publishes its own keywords under names that others leave alone', () => {
    expect(JSON.stringify(publishedSchema(schemaOf(BODIES[0] as BodyClass)))).toContain('x-no-card-number');
  });
});

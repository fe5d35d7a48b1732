import fc from 'fast-check';
import { histories, play } from '../../test/support/histories.js';
import { canonicalJson, type Json } from './canonical.js';
import { decodeEvent } from './codec.js';
import { decodeForFold } from './decode-for-fold.js';
import { LedgerInconsistent } from './entries.js';
import { coldKeys } from './cold-keys.js';
import { evolve, type LedgerEvent } from './ledger.js';
import { account, deposit, given, tenant } from './spec-support.js';
import { emptyState } from './state.js';

interface Posting {
  readonly type: 'TransactionPosted';
  readonly data: {
    readonly transaction: Record<string, unknown>;
    readonly business_date: string;
    readonly entries: readonly object[];
  };
  readonly meta: Record<string, unknown>;
}

const RUNS = Number(process.env.DAYBOOK_PROPERTY_RUNS ?? 150);

const posting = (): Posting => {
  const { book } = given(tenant(), account('ada'), deposit('ada', 5));
  return JSON.parse(book.stored.at(-1) as string) as Posting;
};

/** A posting's envelope with other members. */
const stored = (transaction: object = {}, meta: object = {}): string => {
  const { data, meta: before, ...envelope } = posting();
  const changed = { ...data, transaction: { ...data.transaction, ...transaction } };
  return canonicalJson({ ...envelope, data: changed, meta: { ...before, ...meta } } as unknown as Json);
};

/** Of a posting, what the short way takes over. */
const shortened = (event: LedgerEvent): unknown => {
  const { data, meta, ...envelope } = event as unknown as Posting;
  const { business_date: _day, transaction, ...rest } = data;
  const { transaction_id, reference } = transaction;
  const { idempotency, sequence, tenant_id } = meta;
  return {
    ...envelope,
    data: { ...rest, transaction: { transaction_id, reference } },
    meta: { idempotency, sequence, tenant_id },
  };
};

const outcomeOf = (decode: () => LedgerEvent): LedgerEvent | 'refused' => {
  try {
    return decode();
  } catch (error) {
    expect(error).toBeInstanceOf(LedgerInconsistent);
    return 'refused';
  }
};

/** Fails where the two ways to decode a text tell different things of it. True: the short way was taken. */
const isShortAndSame = (text: string): boolean => {
  const short = outcomeOf(() => decodeForFold(text));
  const whole = outcomeOf(() => decodeEvent(text));
  if (JSON.stringify(short) === JSON.stringify(whole)) return false;
  if (whole === 'refused') throw new Error('what decodeEvent refuses was read');
  expect(short).toEqual(shortened(whole));
  return true;
};

/** The event, but whoever looks for what was left out of it fails. */
const watched = <T extends object>(short: T, whole: object): T =>
  new Proxy(short, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      const other: unknown = Reflect.get(whole, name);
      if (value === undefined && other !== undefined) throw new Error(`the fold reads ${String(name)}`);
      const isDeep = typeof value === 'object' && value !== null && typeof other === 'object' && other !== null;
      return isDeep ? watched(value, other) : value;
    },
    has: (target, name) => {
      if (!Reflect.has(target, name) && Reflect.has(whole, name)) throw new Error(`the fold looks for ${String(name)}`);
      return Reflect.has(target, name);
    },
  });

const anyText = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom('"', '\\', ',', ':', '[', ']', '{', '}', '\n', '\u001f', 'é', '😀', 'a') }),
  fc.constantFrom(
    '","entries":[',
    '],"limit_uses":[',
    '"}},"id":"',
    ',"reference":"x","reversal_of":null',
    ',"type":"TransactionPosted","v":1}',
    '\\',
    '\\"',
  ),
);

describe('decodeForFold', () => {
  it('reads a posting as decodeEvent does, whatever texts it holds', () => {
    fc.assert(
      fc.property(
        fc.record({
          narration: fc.option(anyText),
          reference: fc.option(anyText),
          metadata: fc.array(fc.tuple(anyText, anyText), { maxLength: 3 }),
        }),
        fc.record({ actor: anyText, request_id: fc.option(anyText), tenant_id: anyText }),
        (transaction, meta) => {
          isShortAndSame(stored(transaction, meta));
        },
      ),
      { numRuns: RUNS * 5 },
    );
  });

  it('refuses what decodeEvent refuses, and nothing else', () => {
    const text = stored({ narration: 'a "b" \\ é', metadata: [['k', 'v\n']] });
    const part = fc.oneof(
      fc.string({ maxLength: 3 }),
      fc.constantFrom('"', '\\', '0', '-', '1e3', ',', '{}', ' ', '\n'),
    );
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(3), part, (at, removed, put) => {
        isShortAndSame(text.slice(0, at) + put + text.slice(at + removed));
      }),
      { numRuns: RUNS * 20 },
    );
    for (let length = 0; length <= text.length; length++)
      expect(isShortAndSame(text.slice(0, length))).toBe(length === text.length);
  });

  it.each<[string, () => string]>([
    ['as it is', () => stored()],
    [
      'with texts that need escapes',
      () => stored({ narration: '"entries":[\\', metadata: [['","entries":[', ']}"\u0001']] }),
    ],
    [
      'with fees',
      () => stored({ fees: [{ account_id: 'a', amount: 1, payee: 'tenant', payer: 'merchant', rule_id: 'r' }] }),
    ],
    [
      'with a key',
      () => stored({}, { idempotency: { events: 1, key: 'a', operation: 'o', part: { i: 0, n: 2 }, request: 'b' } }),
    ],
    ['with a long text', () => stored({ narration: 'long "text" '.repeat(100_000) })],
  ])('takes the short way for a posting %s', (_telling, text) => {
    expect(isShortAndSame(text())).toBe(true);
  });

  it.each<[string, () => string]>([
    ['a member that is new', () => stored({ zone: null })],
    ['no entries', () => stored().replace(/"entries":\[[^\]]*\]/, '"entries":[]')],
    ['rows of another kind', () => stored().replace('"entries":[{', '"entries":[{"a":1,')],
    ['white space', () => stored().replace(',', ', ')],
    ['no time', () => stored().replace(/"at":"[^"]*"/, '"at":"yesterday"')],
  ])('leaves a posting with %s to decodeEvent', (_telling, text) => {
    expect(isShortAndSame(text())).toBe(false);
  });

  // Whoever adds a member to a posting adds it here too, or long streams are folded at half the speed.
  it('takes the short way for all postings of any history, and the fold misses nothing', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const state = emptyState();
        for (const text of play(history, () => undefined).stored) {
          const whole = decodeEvent(text);
          expect(isShortAndSame(text)).toBe(whole.type === 'TransactionPosted');
          const event = watched(decodeForFold(text), whole);
          evolve(state, event);
          expect(coldKeys(event)).toEqual(coldKeys(whole));
        }
      }),
      { numRuns: Math.ceil(RUNS / 3) },
    );
  });
});

import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { canonicalRequest } from '#contract/canonical-request.js';
import { ACCOUNT_FILTERS, PAGING, TRANSACTION_FILTERS } from '#contract/query-parameters.js';
import { Cursors } from './cursors.js';
import { secretsFrom, stampOf } from './idempotency.js';
import { HmacKey } from './hmac-key.js';
import { parseJsonBody } from './json-body.js';
import { methodsAt } from './path-index.js';
import { Problem } from './problem.js';
import { parseQuery } from './query.js';
import { newRequestId } from './request-ids.js';

const codeOf = (act: () => unknown): string => {
  try {
    act();
    return 'none';
  } catch (error) {
    return error instanceof Problem ? `${error.code} ${error.details.param ?? ''}`.trim() : String(error);
  }
};

describe('request ids', () => {
  it('are ULIDs and all different', () => {
    const made = Array.from({ length: 2_000 }, newRequestId);
    expect(new Set(made).size).toBe(made.length);
    for (const id of made) expect(id).toMatch(/^req_[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
  });
});

describe('cursors', () => {
  const cursors = new Cursors(new Uint8Array(32));

  it('opens what it sealed, for the same list only', () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ minLength: 1, maxLength: 60 }), fc.string(), (list, position, other) => {
        const cursor = cursors.seal(list, position);
        expect(cursors.open(list, cursor)).toBe(Buffer.from(position).toString());
        if (other !== list) expect(cursors.open(other, cursor)).toBeNull();
        expect(new Cursors(new Uint8Array(32).fill(9)).open(list, cursor)).toBeNull();
      }),
    );
  });

  it('opens nothing else', () => {
    fc.assert(fc.property(fc.string({ maxLength: 80 }), (text) => cursors.open('list', text) === null));
    const good = cursors.seal('list', 'acc_1');
    for (let i = 0; i < good.length; i++) {
      const changed = `${good.slice(0, i)}${good[i] === 'A' ? 'B' : 'A'}${good.slice(i + 1)}`;
      expect(cursors.open('list', changed)).toBeNull();
    }
  });
});

describe('fingerprints of requests', () => {
  const secretOf = secretsFrom(new Uint8Array(32));
  const stamp = (owner: string, key: string, method: string, path: string, body: unknown) =>
    stampOf('tenant', owner, key, secretOf(owner), method, path, body);

  it('are alike for what says the same, and for nothing else', () => {
    const one = stamp('tnt_a', 'k', 'POST', '/v1/x', { a: 1, b: { c: [1, 2], d: 'é' } });
    expect(stamp('tnt_a', 'k', 'POST', '/v1/x', { b: { d: 'é', c: [1, 2] }, a: 1 })).toEqual(one);
    expect(stamp('tnt_b', 'k', 'POST', '/v1/x', { a: 1, b: { c: [1, 2], d: 'é' } }).key).not.toBe(one.key);
    for (const other of [
      stamp('tnt_a', 'k', 'PUT', '/v1/x', { a: 1, b: { c: [1, 2], d: 'é' } }),
      stamp('tnt_a', 'k', 'POST', '/v1/y', { a: 1, b: { c: [1, 2], d: 'é' } }),
      stamp('tnt_a', 'k', 'POST', '/v1/x', { a: 1, b: { c: [2, 1], d: 'é' } }),
      stamp('tnt_a', 'k', 'POST', '/v1/x', undefined),
    ]) {
      expect(other.request).not.toBe(one.request);
    }
  });

  it('are of the canonical form, which reads back the same', () => {
    fc.assert(
      fc.property(
        fc.json().map((text) => JSON.parse(text) as unknown),
        (value) => {
          expect(JSON.parse(canonicalRequest(value))).toEqual(JSON.parse(JSON.stringify(value)));
        },
      ),
    );
    expect(canonicalRequest({ b: 0.015, a: [1e21, -0, null, true] })).toBe('{"a":[1e+21,0,null,true],"b":0.015}');
  });
});

describe('HMACs', () => {
  it('are those of Node', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ minLength: 1_300, maxLength: 1_500, unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), text, text, (bytes, one, other) => {
        const key = new HmacKey(bytes);
        for (const said of [one, other, '', 'x'.repeat(5_000)]) {
          expect(key.hex(said)).toBe(createHmac('sha256', bytes).update(said).digest('hex'));
        }
      }),
    );
  });
});

describe('bodies', () => {
  it.each([
    ['{"a":1}', 'none'],
    ['{"a":1', 'malformed_json'],
    ['', 'malformed_json'],
    ['{"a":NaN}', 'malformed_json'],
    ['[1,]', 'malformed_json'],
    [`${'['.repeat(32)}${']'.repeat(32)}`, 'none'],
    [`${'['.repeat(33)}${']'.repeat(33)}`, 'too_deeply_nested'],
    [`"${'['.repeat(100)}\\"${'{'.repeat(100)}"`, 'none'],
    ['['.repeat(1_000_000), 'too_deeply_nested'],
    [`[${'1,'.repeat(9_999)}1]`, 'none'],
    [`[${'1,'.repeat(10_000)}1]`, 'too_many_members'],
    [`[${'{},'.repeat(5_000)}1]`, 'too_many_members'],
    [JSON.stringify(Array.from({ length: 2_000 }, () => [1, 2, 3, 4, 5])), 'too_many_members'],
    [`{"a":"${',[{'.repeat(20_000)}"}`, 'none'],
  ])('%.40s: %s', (text, code) => {
    expect(codeOf(() => parseJsonBody(Buffer.from(text)))).toBe(code);
  });

  it('of too many members are refused before they are parsed', () => {
    // Neither is JSON: had they been parsed, that would be said.
    const fields = `{${Array.from({ length: 90_000 }, (_, i) => `"k${i}":1`).join(',')}`;
    expect(codeOf(() => parseJsonBody(Buffer.from(fields)))).toBe('too_many_members');
    expect(codeOf(() => parseJsonBody(Buffer.from(`[${'1,'.repeat(2_000_000)}`), 60_000))).toBe('too_many_members');
  });

  it('must be UTF-8', () => {
    expect(codeOf(() => parseJsonBody(Buffer.from([0x22, 0xff, 0x22])))).toBe('malformed_json');
    expect(codeOf(() => parseJsonBody(Buffer.from([0x22, 0xc0, 0x80, 0x22])))).toBe('malformed_json');
  });
});

describe('queries', () => {
  const known = { ...PAGING, ...ACCOUNT_FILTERS, ...TRANSACTION_FILTERS };
  it.each([
    [{}, 'none'],
    [{ limit: '1' }, 'none'],
    [{ limit: '100' }, 'none'],
    [{ limit: '101' }, 'out_of_range limit'],
    [{ limit: '0' }, 'out_of_range limit'],
    [{ limit: '-1' }, 'out_of_range limit'],
    [{ limit: '1.5' }, 'type_mismatch limit'],
    [{ limit: '' }, 'type_mismatch limit'],
    [{ limit: ['1', '2'] }, 'type_mismatch limit'],
    [{ order: 'up' }, 'invalid_enum order'],
    [{ sort: 'x' }, 'unknown_field sort'],
    [{ currency: 'ngn' }, 'invalid_currency currency'],
    [{ parent_account_id: 'acc_1' }, 'pattern_mismatch parent_account_id'],
    [{ from: 'now' }, 'pattern_mismatch from'],
    [{ from: '2026-01-01T00:00:00Z' }, 'none'],
    [{ 'amount[gte]': '5' }, 'none'],
    [{ 'amount[ne]': '5' }, 'unknown_field amount[ne]'],
    [{ 'metadata[region]': 'west' }, 'none'],
    [{ 'metadata[*]': 'west' }, 'none'],
    [Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`metadata[k${i}]`, 'x'])), 'none'],
    [Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`metadata[k${i}]`, 'x'])), 'out_of_range metadata[k10]'],
    [{ metadata: 'west' }, 'unknown_field metadata'],
    [{ constructor: 'x' }, 'unknown_field constructor'],
    [{ starting_after: 'a', ending_before: 'b' }, 'mutually_exclusive ending_before'],
  ])('%j: %s', (sent, code) => {
    expect(codeOf(() => parseQuery(sent, known))).toBe(code);
  });
});

describe('paths', () => {
  it('know the methods that they take', () => {
    expect(methodsAt('/v1/accounts')).toEqual(['POST', 'GET']);
    expect(methodsAt('/v1/accounts/acc_1/block')).toEqual(['PUT']);
    expect(methodsAt('/v1/nothing')).toEqual([]);
  });
});

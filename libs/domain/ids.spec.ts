import fc from 'fast-check';
import { decodeTime } from 'ulid';
import { entryId, idOf, isId, isUlid, PREFIXES, timeOfUlid, ulidAfter, ulidOf, type Kind } from './ids.js';

const ULID = '01JGFJJZ00ABCDEFGHJKMNPQRS';
const anyUlid = fc
  .tuple(
    fc.constantFrom(...'01234567'),
    fc.array(fc.constantFrom(...'0123456789ABCDEFGHJKMNPQRSTVWXYZ'), { minLength: 25, maxLength: 25 }),
  )
  .map(([first, rest]) => first + rest.join(''));

describe('ids', () => {
  it('name each kind by a prefix of its own', () => {
    expect(new Set(Object.values(PREFIXES)).size).toBe(Object.keys(PREFIXES).length);
    for (const kind of Object.keys(PREFIXES) as Kind[]) {
      expect(isId(kind, idOf(kind, ULID))).toBe(true);
      expect(ulidOf(idOf(kind, ULID))).toBe(ULID);
    }
  });

  it.each([
    '',
    'acc',
    'acc_',
    ULID,
    `acc${ULID}`,
    `acc-${ULID}`,
    `acc_${ULID}0`,
    `acc_${ULID.slice(1)}`,
    `txn_${ULID}`,
    `acc_${ULID.toLowerCase()}`,
    `acc_8${ULID.slice(1)}`,
    `acc_I${ULID.slice(1)}`,
    ` acc_${ULID}`,
    `acc_${ULID}\n`,
  ])('%p is no account', (text) => {
    expect(isId('account', text)).toBe(false);
  });

  it('tell their time', () => {
    fc.assert(fc.property(anyUlid, (ulid) => isUlid(ulid) && timeOfUlid(ulid) === decodeTime(ulid)));
  });
});

describe('ulidAfter', () => {
  it.each([
    ['00000000000000000000000000', 1, '00000000000000000000000001'],
    ['0000000000000000000000000Z', 1, '00000000000000000000000010'],
    ['000000000000000000000ZZZZZ', 1, '00000000000000000000100000'],
    [ULID, 0, ULID],
    ['00000000000000000000000000', 1025, '00000000000000000000000101'],
  ])('%s and %s steps', (ulid, steps, expected) => {
    expect(ulidAfter(ulid, steps)).toBe(expected);
  });

  it('goes up, in the order of the texts, step by step', () => {
    const below = anyUlid.map((ulid) => `0${ulid.slice(1)}`);
    fc.assert(
      fc.property(below, fc.integer({ min: 1, max: 2 ** 32 - 1 }), fc.nat(1000), (ulid, steps, more) => {
        expect(ulidAfter(ulid, steps) > ulid).toBe(true);
        expect(isUlid(ulidAfter(ulid, steps))).toBe(true);
        expect(ulidAfter(ulidAfter(ulid, steps), more)).toBe(ulidAfter(ulid, steps + more));
      }),
    );
  });

  it('names the entries of an event', () => {
    expect(entryId(ULID, 0)).toBe(`ent_${ulidAfter(ULID, 1)}`);
    expect(entryId(ULID, 1)).toBe(`ent_${ulidAfter(ULID, 2)}`);
  });
});

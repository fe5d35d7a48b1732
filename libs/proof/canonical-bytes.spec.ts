import fc from 'fast-check';
import { canonicalJson, type Json } from '#domain/canonical.js';
import { isSurelyCanonical } from './canonical-bytes.js';
import { checkCanonical } from './envelope.js';

/** What the slow way says: parse, write again, compare. */
const isCanonical = (bytes: Buffer): boolean => {
  try {
    checkCanonical(bytes.subarray(0, -1));
    return bytes.at(-1) === 0x7d;
  } catch {
    return false;
  }
};

const text = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.constantFrom('"', '\\', '\n', '\u001f', 'é'));
const { value } = fc.letrec<{ value: Json; object: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    tie('object'),
  ),
  object: fc.dictionary(fc.string({ maxLength: 4 }), tie('value'), { maxKeys: 5 }),
}));

const written = fc
  .dictionary(text, value, { maxKeys: 5 })
  .map((object) => {
    try {
      return Buffer.from(canonicalJson(object));
    } catch {
      return null;
    }
  })
  .filter((bytes) => bytes !== null);

/** Somebody puts another byte in, takes one out, or one more. */
const edit = fc.record({
  at: fc.nat(),
  out: fc.constantFrom(0, 1),
  by: fc.oneof(
    fc.constantFrom(...[...'{}[]",:0123-.eE\\u tfn'].map((one) => [one.charCodeAt(0)])),
    fc.array(fc.nat({ max: 255 }), { maxLength: 2 }),
  ),
});

describe('what is surely canonical', () => {
  it('is canonical, whatever is done to it', () => {
    fc.assert(
      fc.property(written, fc.array(edit, { maxLength: 3 }), (bytes, edits) => {
        let changed: Buffer = bytes;
        for (const { at, out, by } of edits) {
          const place = at % (changed.length + 1);
          changed = Buffer.concat([changed.subarray(0, place), Buffer.from(by), changed.subarray(place + out)]);
        }
        if (isSurelyCanonical(changed) && changed.equals(Buffer.from(changed.toString('utf8'))))
          expect(isCanonical(changed)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['{}', true],
    ['{"a":[],"b":{"c":-12},"d":[true,false,null,"é\\n\\"\\\\"]}', true],
    ['{"a":123456789012345,"ab":0,"b":"\u{1f600}"}', true],
    ['{"b":1,"a":2}', false],
    ['{"a":1,"a":1}', false],
    ['{"a":-0}', false],
    ['{"a":01}', false],
    ['{"a":1.0}', false],
    ['{"a":1e3}', false],
    ['{"a":9007199254740993}', false],
    ['{"a": 1}', false],
    ['{"a":"\\/"}', false],
    ['{"a":"\\u0041"}', false],
    ['{"a":"\t"}', false],
    ['{"a":nul}', false],
    ['{"a":1,}', false],
    ['{"a":[1,]}', false],
    ['{"a":1}}', false],
    ['{"a":"', false],
    ['{"a":1', false],
    ['[]', false],
    ['', false],
  ])('%s: %s', (json, is) => expect(isSurelyCanonical(Buffer.from(json))).toBe(is));
});

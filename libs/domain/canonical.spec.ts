import fc from 'fast-check';
import { canonicalJson, isUnstorable, NotCanonical, type Json } from './canonical.js';

describe('canonicalJson', () => {
  it('orders keys by their UTF-16 units (RFC 8785 §3.2.3)', () => {
    const members = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    };
    const order = Object.values(JSON.parse(canonicalJson(members)) as object);
    // JSON.parse puts '1' first whatever the text says, so the text is looked at too.
    expect(canonicalJson(members).indexOf('"\\r"')).toBeLessThan(canonicalJson(members).indexOf('"1"'));
    expect(order.slice(1)).toEqual([
      'Carriage Return',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ]);
  });

  it('writes strings as the RFC does (§3.2.2)', () => {
    expect(canonicalJson('\u20ac$\u000f\u000aA\'\u0042\u0022\u005c\\"/')).toBe(`"€$\\u000f\\nA'B\\"\\\\\\\\\\"/"`);
    expect(canonicalJson('\b\t\n\f\r\u0001\u007f\u2028')).toBe('"\\b\\t\\n\\f\\r\\u0001\u007f\u2028"');
  });

  it('writes literals, nesting and integers', () => {
    expect(canonicalJson({ literals: [null, true, false], b: { z: 1, a: -0 } })).toBe(
      '{"b":{"a":0,"z":1},"literals":[null,true,false]}',
    );
    expect(canonicalJson(Number.MAX_SAFE_INTEGER)).toBe('9007199254740991');
  });

  it('leaves out what is undefined', () => {
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}');
    expect(canonicalJson({ a: undefined })).toBe('{}');
  });

  it.each([0.1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, undefined, 1n, Symbol('x'), () => 1])(
    '%p has no form',
    (value) => {
      expect(() => canonicalJson(value as unknown as Json)).toThrow(NotCanonical);
    },
  );

  it.each(['\u0000', 'a\u0000b', '\ud800', '\udc00', '\udc00\ud800', 'x\ud83dy', '\ud83d\ud83d\ude00'])(
    '%j can not be stored, neither as a value nor as a key',
    (text) => {
      expect(isUnstorable(text)).toBe(true);
      expect(() => canonicalJson(text)).toThrow(NotCanonical);
      expect(() => canonicalJson({ [text]: 1 })).toThrow(NotCanonical);
    },
  );

  const json = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.string({ unit: 'binary' }).filter((text) => !isUnstorable(text)),
      fc.maxSafeInteger(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value')),
      fc.dictionary(
        fc.string({ unit: 'grapheme' }).filter((key) => !isUnstorable(key) && key !== '__proto__'),
        tie('value'),
      ),
    ),
  })).value;

  it('reads back as what it was, and is written again alike', () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = canonicalJson(value);
        const read = JSON.parse(text) as Json;
        expect(canonicalJson(read)).toBe(text);
        expect(read).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

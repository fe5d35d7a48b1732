import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { isMerchantCategory } from '#domain/cards/merchant-categories.js';
import { API_VERSIONS } from '../api-versions.js';
import { resourceSchemas } from '../resource-schemas.js';
import type { Schema } from '../schema-words.js';
import { CATEGORY_LABELS, CATEGORY_UNIVERSE, categoriesAllowedBy, labelsAllowedBy } from './category-labels.js';
import type { Edit, Json } from './change.js';
import { added, convert, mapEnum, move, removed, rename, replaced, requiredSince, retype } from './edits.js';
import { changesSince, stepsOf, targetsOf } from './lowering.js';

const text: Schema = { type: 'string' };
const whole: Schema = { type: 'integer' };
const object = (properties: Record<string, Schema>, required: string[] = Object.keys(properties)): Schema => ({
  type: 'object',
  properties,
  required,
});

const THING = object({
  object: text,
  name: text,
  part: object({ size: whole, kind: { type: 'string', enum: ['big', 'small', 'other'] } }),
  lines: {
    type: 'array',
    items: object({ type: { type: 'string', enum: ['card_transaction', 'fee'] }, amount: whole }),
  },
});
const thing = (): Json => ({
  object: 'thing',
  name: 'x',
  part: { size: 3, kind: 'big' },
  lines: [
    { type: 'card_transaction', amount: 1 },
    { type: 'fee', amount: 2 },
  ],
});

const cents = retype('part.size', {
  schema: text,
  told: 'a number, not a text',
  down: (value) => String(value),
  up: (value) => Number(value),
  isLossless: true,
});

/** Each word: what an older client sees of the thing, and what its schema says there. */
const WORDS: readonly (readonly [Edit, Json, readonly string[], unknown])[] = [
  [
    rename('name', { was: 'title' }),
    { object: 'thing', title: 'x', part: thing().part, lines: thing().lines },
    ['title'],
    text,
  ],
  [rename('part.size', { was: 'extent' }), { ...thing(), part: { extent: 3, kind: 'big' } }, ['part', 'extent'], whole],
  [
    rename('lines[].amount', { was: 'value' }),
    {
      ...thing(),
      lines: [
        { type: 'card_transaction', value: 1 },
        { type: 'fee', value: 2 },
      ],
    },
    ['lines', '[]', 'value'],
    whole,
  ],
  [move('part.size', { was: 'size' }), { ...thing(), part: { kind: 'big' }, size: 3 }, ['size'], whole],
  [
    mapEnum('lines[].type', { card_transaction: 'cardTransaction' }),
    {
      ...thing(),
      lines: [
        { type: 'cardTransaction', amount: 1 },
        { type: 'fee', amount: 2 },
      ],
    },
    ['lines', '[]', 'type'],
    { type: 'string', enum: ['cardTransaction', 'fee'] },
  ],
  [cents, { ...thing(), part: { size: '3', kind: 'big' } }, ['part', 'size'], text],
  [
    replaced('part.kind', {
      was: 'is_big',
      schema: { type: 'boolean' },
      told: 'a kind, not a flag',
      down: (kind) => kind === 'big',
      up: (isBig) => (isBig === true ? 'big' : 'small'),
      isLossless: false,
    }),
    { ...thing(), part: { size: 3, is_big: true } },
    ['part', 'is_big'],
    { type: 'boolean' },
  ],
];

const schemaAt = (schema: Schema, steps: readonly string[]): unknown =>
  steps.reduce<unknown>((at, step) => {
    const { items, properties } = at as { items?: unknown; properties?: Record<string, unknown> };
    return step === '[]' ? items : properties?.[step];
  }, schema);

describe('a word of a change', () => {
  it.each(WORDS.map(([edit, ...rest]) => [edit.told, edit, ...rest] as const))(
    '%s: it goes down and up again',
    (_told, edit, older, steps, schema) => {
      const shown = thing();
      expect(edit.appliesTo(THING)).toBe(true);
      const lowered = edit.down(shown, false);
      expect(lowered).toEqual(older);
      expect(shown).toEqual(thing());
      // As the schema orders them.
      expect(Object.keys(lowered)).toEqual(Object.keys(older));
      expect(schemaAt(edit.schema(THING), steps)).toEqual(schema);
      expect(edit.up(lowered, null)).toBe(true);
      expect(lowered).toEqual(thing());
    },
  );

  it('leaves alone what is not there, is null, or looks otherwise', () => {
    for (const [edit] of WORDS) {
      for (const odd of [{}, { part: null, lines: null }, { part: 'x', lines: [null, 3] }] as Json[]) {
        const before = structuredClone(odd);
        expect(edit.down(odd, true)).toBe(odd);
        expect(edit.up(odd, null)).toBe(false);
        expect(odd).toEqual(before);
      }
    }
    const nothing: Json = { part: { size: null } };
    expect(cents.down(nothing, false)).toBe(nothing);
  });

  it('requiredSince fills in what stood for it, and asks for nothing before', () => {
    const edit = requiredSince('part.size', { byDefault: 1 });
    const sent: Json = { part: {} };
    expect([edit.up(sent, null), sent]).toEqual([true, { part: { size: 1 } }]);
    expect(edit.up(sent, null)).toBe(false);
    expect(schemaAt(edit.schema(THING), ['part'])).toMatchObject({ required: ['kind'] });
    expect(edit.appliesTo(object({ part: object({ size: whole }, []) }))).toBe(false);
  });

  it('removed shows what it was made of, and takes it no more', () => {
    const edit = removed('part.label', { schema: text, down: ({ kind }) => `a ${kind}`, inRequests: true });
    const shown = edit.down(thing(), false);
    expect(shown.part).toEqual({ size: 3, kind: 'big', label: 'a big' });
    expect(schemaAt(edit.schema(THING), ['part', 'label'])).toEqual(text);
    expect(edit.up(shown, null)).toBe(true);
    expect(shown).toEqual(thing());
    const part: Json = { part: { kind: 'big' } };
    expect(edit.down(part, true)).toBe(part);
  });

  it('added is not shown before', () => {
    const edit = added('part.size');
    expect(edit.down(thing(), false).part).toEqual({ kind: 'big' });
    expect(schemaAt(edit.schema(THING), ['part'])).toMatchObject({ required: ['kind'] });
  });

  it('convert is whatever pair it is given', () => {
    const edit = convert({
      told: 'upside down',
      down: (resource) => ({ ...resource, name: String(resource.name).toUpperCase() }),
      up: (body) => ((body.name = String(body.name).toLowerCase()), true),
      schema: (schema) => schema,
      appliesTo: () => true,
      isLossless: false,
    });
    expect(edit.down(thing(), false).name).toBe('X');
  });

  it.each(['', 'a.', 'lines[]'])('%j is no field', (path) => {
    expect(() => rename(path, { was: 'b' })).toThrow(RangeError);
  });

  it('move goes through no list', () => {
    expect(() => move('lines[].type', { was: 'type' })).toThrow(RangeError);
  });
});

/** Values of a resource as its schema has them; amounts and ids need not mean anything. */
const valueOf = (schema: Schema, codes: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> => {
  const {
    type,
    enum: values,
    const: only,
    properties,
    items,
    pattern,
  } = schema as Record<string, never> & {
    properties?: Record<string, Schema>;
    enum?: unknown[];
  };
  if (only !== undefined) return fc.constant(only);
  if (values !== undefined) return fc.constantFrom(...(values as unknown[]));
  if (properties !== undefined) {
    return fc.record(Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, valueOf(one, codes)])));
  }
  if (pattern === '^\\d{4}$') return codes;
  if (items !== undefined) return fc.uniqueArray(valueOf(items as Schema, codes), { maxLength: 20 });
  const types = [type].flat() as unknown as string[];
  if (types.includes('integer')) return fc.maxSafeInteger();
  if (types.includes('boolean')) return fc.boolean();
  return types.includes('object') ? fc.constant({}) : fc.string();
};

const EDITS = targetsOf(changesSince(API_VERSIONS, '0000-00-00'), 'resource').flatMap(({ change, target }) =>
  target.tags.flatMap((tag) => stepsOf(change, target).map((step) => ({ tag, ...step }))),
);

describe('the changes that shipped', () => {
  const codes = fc.constantFrom(...CATEGORY_UNIVERSE);

  it.each(EDITS.filter(({ tag, edit }) => edit.isLossless && resourceSchemas()[tag] !== undefined))(
    '$change of a $tag loses nothing: up(down(x)) is x',
    ({ tag, edit }) => {
      const schema = resourceSchemas()[tag]!;
      if (!edit.appliesTo(schema)) return;
      fc.assert(
        fc.property(valueOf(schema, codes), (resource) => {
          const before = JSON.stringify(resource);
          const back = structuredClone(edit.down(resource as Json, false));
          expect(JSON.stringify(resource)).toBe(before);
          edit.up(back, resource as Json);
          expect(back).toEqual(resource);
        }),
        { numRuns: 50 },
      );
    },
  );

  it('say of disputes and settlement lines what they will be', () => {
    const shown: Record<string, Json> = {
      dispute: { reason: 'customer_complaint' },
      settlement: { lines: [{ type: 'card_transaction' }, { type: 'fee' }] },
      settlement_line: { type: 'card_transaction' },
    };
    for (const { tag, edit } of EDITS) if (shown[tag] !== undefined) shown[tag] = edit.down(shown[tag], false);
    expect(shown).toEqual({
      dispute: { reason: 'customer_dispute' },
      settlement: { lines: [{ type: 'cardTransaction' }, { type: 'fee' }] },
      settlement_line: { type: 'cardTransaction' },
    });
  });
});

describe('labels of categories', () => {
  it('each has codes of its own, and together they are the universe', () => {
    const all = CATEGORY_LABELS.flatMap((label) => categoriesAllowedBy([label]));
    expect(new Set(all).size).toBe(all.length);
    expect([...all].sort()).toEqual(CATEGORY_UNIVERSE);
    for (const label of CATEGORY_LABELS) expect(categoriesAllowedBy([label]).length).toBeGreaterThan(0);
  });

  it('are about the codes that controls may name, and never about others', () => {
    const named = Array.from({ length: 10_000 }, (_, i) => String(i).padStart(4, '0')).filter(isMerchantCategory);
    // What the ledger's table takes in later belongs to no version that shipped before.
    expect(CATEGORY_UNIVERSE.filter((code) => !named.includes(code))).toEqual([]);
    const shipped = CATEGORY_LABELS.map((label) => [label, categoriesAllowedBy([label])]);
    expect(createHash('sha256').update(JSON.stringify(shipped)).digest('hex')).toBe(
      '749f5199d7d9fa561c2cb5b11f9d521140de10dc2c7d0d163f9d72c99f5d5c1c',
    );
  });

  it('a list of labels comes back as it went', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.constantFrom(...CATEGORY_LABELS)), (labels) => {
        expect(labelsAllowedBy(new Set(categoriesAllowedBy(labels))).sort()).toEqual([...labels].sort());
      }),
    );
  });

  it('changes only the codes of labels that say something else than before', () => {
    const some = fc.uniqueArray(fc.constantFrom(...CATEGORY_UNIVERSE), { minLength: 1, maxLength: 400 });
    fc.assert(
      fc.property(some, fc.uniqueArray(fc.constantFrom(...CATEGORY_LABELS)), (standing, asked) => {
        const before = new Set(labelsAllowedBy(new Set(standing)));
        const after = new Set(categoriesAllowedBy(asked, standing));
        for (const label of CATEGORY_LABELS) {
          const codes = categoriesAllowedBy([label]);
          const isAsked = asked.includes(label);
          if (isAsked === before.has(label)) {
            expect(codes.filter((code) => after.has(code))).toEqual(codes.filter((code) => standing.includes(code)));
          } else expect(codes.every((code) => after.has(code) === isAsked)).toBe(true);
        }
      }),
      { numRuns: 30 },
    );
  });
});

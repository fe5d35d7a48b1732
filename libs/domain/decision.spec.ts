import { mergeMetadata, personalMetadata } from './decision.js';

const keys = (metadata: readonly (readonly [string, unknown])[]): string => metadata.map(([key]) => key).join('');
const some = (order: string) => personalMetadata(Object.fromEntries([...order].map((key) => [key, 'x'])));

describe('metadata', () => {
  it.each(['abc', 'acb', 'bac', 'bca', 'cab', 'cba', 'dcba', 'badc'])('that came as %s stands by its keys', (order) => {
    expect(keys(some(order))).toBe([...order].sort().join(''));
  });

  it('is merged key by key, and stands in their order again', () => {
    const before = some('bd');
    const after = mergeMetadata(before, { c: '1', a: '2', b: null, d: '3' });
    expect(after).toEqual([
      ['a', { clear: '2' }],
      ['c', { clear: '1' }],
      ['d', { clear: '3' }],
    ]);
    expect(mergeMetadata(before, undefined)).toBe(before);
  });
});

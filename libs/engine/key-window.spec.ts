import { KeyFilter } from './key-filter.js';
import { hashKey } from './key-hash.js';
import { KeyWindow } from './key-window.js';
import { RecentEvents, Shelf } from './recent-events.js';

describe('the filter', () => {
  const filled = (count: number): KeyFilter => {
    const filter = new KeyFilter();
    for (let i = 0; i < count; i++) filter.add(hashKey(`ref:used-${i}`));
    return filter;
  };

  test.each([1, 1_000, 50_000])(
    'never says of one of %d keys that it was not used, and seldom that a fresh one was',
    (count) => {
      const filter = filled(count);
      for (let i = 0; i < count; i++) expect(filter.mayHave(hashKey(`ref:used-${i}`))).toBe(true);
      let wrong = 0;
      for (let i = 0; i < 50_000; i++) if (filter.mayHave(hashKey(`ref:fresh-${i}`))) wrong += 1;
      expect(wrong).toBeLessThan(50);
    },
  );

  test('takes a few bytes a key', () => {
    expect(filled(50_000).bytes / 50_000).toBeLessThan(9);
  });

  test('is the same after it was stored', () => {
    const filter = filled(5_000);
    const restored = KeyFilter.restore(filter.layers);
    restored.add(hashKey('ref:later'));
    expect(
      restored.mayHave(hashKey('ref:used-0')) &&
        restored.mayHave(hashKey('ref:used-4999')) &&
        restored.mayHave(hashKey('ref:later')),
    ).toBe(true);
    expect(() => KeyFilter.restore([{ capacity: 1024, count: 0, bits: new Uint8Array(7) }])).toThrow(RangeError);
  });
});

describe('the window', () => {
  test('knows the latest revision of every key from its start on', () => {
    const window = new KeyWindow();
    for (let revision = 0; revision < 5_000; revision++) {
      window.set(hashKey(`key-${revision}`), revision);
      window.set(hashKey('often'), revision);
      window.keepLast(1_000, revision);
      expect(window.get(hashKey('often'))).toBe(revision);
    }
    expect(window.start).toBeGreaterThan(2_000);
    expect(window.start).toBeLessThanOrEqual(4_000);
    for (let revision = window.start; revision < 5_000; revision++)
      expect(window.get(hashKey(`key-${revision}`))).toBe(revision);
    expect(window.get(hashKey(`key-${window.start - 1}`))).toBeUndefined();
    expect(window.get(hashKey('never'))).toBeUndefined();
  });

  test('is the same after it was stored, as far back as is asked for', () => {
    const window = new KeyWindow();
    for (let revision = 0; revision < 3_000; revision++) {
      window.set(hashKey(`key-${revision % 2_500}`), revision);
      window.keepLast(1_000, revision);
    }
    const restored = new KeyWindow(1_500);
    for (const piece of window.stored(1_500, 100)) restored.restore(piece);
    for (let i = 0; i < 2_500; i++) {
      const expected = i < 500 ? 2_500 + i : i < 1_500 ? undefined : i;
      expect(restored.get(hashKey(`key-${i}`))).toBe(expected);
    }
  });
});

describe('recent events', () => {
  test('are kept up to a budget over all tenants, the oldest go first', () => {
    const recent = new RecentEvents(100_000);
    const [a, b] = [new Shelf(), new Shelf()];
    for (let revision = 0; revision < 2_000; revision++) {
      recent.keep(a, revision, Buffer.from(`a${revision}`));
      if (revision >= 1_000) recent.keep(b, revision, Buffer.from(`b${revision}`));
      expect(recent.bytes).toBeLessThanOrEqual(100_000);
    }
    expect(a.get(0)).toBeUndefined();
    expect(a.get(1_000)).toBeUndefined();
    expect(Buffer.from(a.get(1_999)!).toString()).toBe('a1999');
    expect(Buffer.from(b.get(1_900)!).toString()).toBe('b1900');
    expect(b.get(2_000)).toBeUndefined();
  });

  test('start anew after a gap', () => {
    const shelf = new Shelf();
    shelf.push(5, Buffer.from('5'));
    shelf.push(9, Buffer.from('9'));
    expect(shelf.get(5)).toBeUndefined();
    expect(shelf.get(9)).toBeDefined();
  });
});

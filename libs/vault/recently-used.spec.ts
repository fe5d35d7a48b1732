import { RecentlyUsed } from './recently-used.js';

it('holds no more than its bound, and keeps what is used', () => {
  const cache = new RecentlyUsed<number>(10);
  cache.set('hot', 0);
  for (let i = 1; i <= 1_000; i += 1) {
    cache.set(`k${i}`, i);
    expect(cache.get('hot')).toBe(0);
    expect(cache.size).toBeLessThanOrEqual(10);
  }
  expect(cache.get('k1')).toBeUndefined();
  expect(cache.get('k1000')).toBe(1_000);
  cache.delete('hot');
  expect(cache.get('hot')).toBeUndefined();
});

import { setTimeout as sleep } from 'node:timers/promises';
import { TenantProgress } from './progress.js';

type Pool = ConstructorParameters<typeof TenantProgress>[0];

/** A database that knows these revisions, and counts how often it is asked. */
const database = (revisions: Record<string, number>, delayMs = 0): { pool: Pool; asked: () => number } => {
  let asked = 0;
  const query = async ({ values: [ids] }: { values: [string[]] }): Promise<unknown> => {
    asked += 1;
    await sleep(delayMs, undefined, { ref: false });
    return {
      rows: ids.filter((id) => id in revisions).map((id) => ({ tenant_id: id, revision: String(revisions[id]) })),
    };
  };
  return { pool: { query } as unknown as Pool, asked: () => asked };
};

describe('TenantProgress', () => {
  it('answers at once where it is so already, and −1 for a tenant that is not there', async () => {
    const progress = new TenantProgress(database({ a: 5 }).pool);
    expect(await progress.waitFor('a', 5, 1000)).toBe(true);
    expect(await progress.revision('a')).toBe(5);
    expect(await progress.revision('b')).toBe(-1);
  });

  it('waits until it is reached, and no longer than asked', async () => {
    const revisions: Record<string, number> = { a: 5 };
    const progress = new TenantProgress(database(revisions).pool);
    const waiting = progress.waitFor('a', 7, 5_000);
    setTimeout(() => (revisions['a'] = 8), 20);
    expect(await waiting).toBe(true);
    const started = performance.now();
    expect(await progress.waitFor('a', 9, 30)).toBe(false);
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it('asks once for all who wait', async () => {
    const { pool, asked } = database({ a: 1, b: 1 }, 20);
    const progress = new TenantProgress(pool);
    const waits = Array.from({ length: 500 }, (_, i) => progress.waitFor(i % 2 === 0 ? 'a' : 'b', 1, 1_000));
    expect(new Set(await Promise.all(waits))).toEqual(new Set([true]));
    expect(asked()).toBeLessThan(4);
  });

  it('leaves off when it is told to', async () => {
    const { pool, asked } = database({ a: 1 });
    const progress = new TenantProgress(pool, 20);
    const stopping = new AbortController();
    const waiting = progress.waitFor('a', 9, 20_000, stopping.signal);
    const started = performance.now();
    setTimeout(() => stopping.abort(), 30);
    expect(await waiting).toBe(false);
    expect(performance.now() - started).toBeLessThan(10_000);
    const before = asked();
    expect(await progress.waitFor('a', 1, 1_000, stopping.signal)).toBe(false);
    expect(asked()).toBe(before);
  });

  it('is told by a runner beside it, before the database answers', async () => {
    const progress = new TenantProgress(database({}, 500).pool);
    const waiting = progress.waitFor('a', 3, 5_000);
    progress.reached(new Map([['a', 3]]));
    const started = performance.now();
    expect(await waiting).toBe(true);
    expect(performance.now() - started).toBeLessThan(400);
  });

  it('says no where the database is gone or silent, and asks again the next time', async () => {
    const query = (): Promise<never> => Promise.reject(new Error('gone'));
    const progress = new TenantProgress({ query } as unknown as Pool);
    expect(await progress.waitFor('a', 0, 20)).toBe(false);
    expect(await progress.waitFor('a', 0, 20)).toBe(false);
    const silent = new TenantProgress(database({ a: 1 }, 2_000).pool);
    const started = performance.now();
    expect(await silent.waitFor('a', 1, 30)).toBe(false);
    expect(performance.now() - started).toBeLessThan(1_500);
  });
});

import { setTimeout as sleep } from 'node:timers/promises';
import { rateCountersContract } from './counters.contract.js';
import type { RateWindow } from './counters.js';
import { RedisCounters } from './redis-counters.js';

const URL = process.env.DAYBOOK_TEST_REDIS_URL;
const run = URL === undefined ? describe.skip : describe;

/** A name of its own for each run: the Redis may be somebody's. */
const RUN = `${process.pid}-${Date.now()}`;

run('calls counted in Redis', () => {
  const opened: RedisCounters[] = [];
  const counters = async (): Promise<RedisCounters> => {
    const made = new RedisCounters(URL!);
    opened.push(made);
    // Before it is connected an instance counts by itself.
    while (!made.isConnected) await sleep(10);
    return made;
  };
  afterAll(() => opened.forEach((one) => one.close()));

  rateCountersContract(async () => {
    const made = await counters();
    const apart = (window: RateWindow): RateWindow => ({ ...window, counter: `${window.counter}:${RUN}` });
    return { counters: { count: (windows) => made.count(windows.map(apart)) }, pass: (ms) => sleep(ms + 20) };
  });

  it('are counted by all instances together', async () => {
    const instances = await Promise.all([counters(), counters(), counters()]);
    const windows = [
      { counter: `{shared}:m:${RUN}`, name: 'minute', calls: 10, ms: 60_000 },
      { counter: `{shared}:d:${RUN}`, name: 'day', calls: 1_000, ms: 86_400_000 },
    ];
    const told = await Promise.all(Array.from({ length: 60 }, async (_, i) => instances[i % 3]!.count(windows)));
    expect(told.filter(({ taken }) => taken)).toHaveLength(10);
    expect((await instances[0]!.count([windows[1]!])).used).toEqual([11]);
  });
});

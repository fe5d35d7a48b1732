import fc from 'fast-check';
import type { Counted, RateCounters, RateWindow } from './counters.js';

interface Bench {
  readonly counters: RateCounters;
  /** Lets so many milliseconds pass. */
  pass(ms: number): Promise<void> | void;
}

let used = 0;
/** Of a counter that no test before has touched. */
const windowOf = (name: string, calls: number, ms: number): RateWindow => ({
  counter: `{tnt_${(used += 1)}}:${name}`,
  name,
  calls,
  ms,
});

/** What holds of calls that are counted, wherever they are. */
export const rateCountersContract = (start: () => Bench | Promise<Bench>): void => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await start();
  });
  const many = async (times: number, windows: readonly RateWindow[]): Promise<Counted[]> => {
    const told: Counted[] = [];
    for (let i = 0; i < times; i += 1) told.push(await bench.counters.count(windows));
    return told;
  };

  it('takes as many as a window has, and says what is used and when it begins again', async () => {
    const window = windowOf('minute', 2, 60_000);
    const [first, second, third] = (await many(3, [window])) as [Counted, Counted, Counted];
    expect([first.taken, second.taken, third.taken]).toEqual([true, true, false]);
    expect([first.used, second.used, third.used]).toEqual([[1], [2], [2]]);
    for (const { resetMs } of [first, second, third]) {
      expect(resetMs[0]).toBeGreaterThan(50_000);
      expect(resetMs[0]).toBeLessThanOrEqual(60_000);
    }
  });

  it('counts in none of the windows what one of them refuses', async () => {
    const minute = windowOf('minute', 5, 60_000);
    const day = windowOf('day', 50, 86_400_000);
    const told = await many(20, [minute, day]);
    expect(told.filter(({ taken }) => taken)).toHaveLength(5);
    expect(told.at(-1)!.used).toEqual([5, 5]);
    expect((await bench.counters.count([day])).used).toEqual([6]);
  });

  it('takes exactly as many of calls that come at once', async () => {
    const windows = [windowOf('minute', 7, 60_000), windowOf('day', 9, 86_400_000)];
    const told = await Promise.all(Array.from({ length: 40 }, async () => bench.counters.count(windows)));
    expect(told.filter(({ taken }) => taken)).toHaveLength(7);
  });

  it('begins again when the window is over', async () => {
    const short = windowOf('short', 1, 80);
    const long = windowOf('long', 2, 60_000);
    const told = await many(2, [short, long]);
    expect(told.map(({ taken }) => taken)).toEqual([true, false]);
    await bench.pass(100);
    const again = await bench.counters.count([short, long]);
    expect(again).toMatchObject({ taken: true, used: [1, 2] });
    await bench.pass(100);
    const full = await bench.counters.count([short, long]);
    expect(full).toMatchObject({ taken: false, used: [0, 2] });
    expect(full.resetMs[0]).toBe(0);
  });

  it('keeps what is counted apart', async () => {
    const [mine, yours] = [windowOf('minute', 1, 60_000), windowOf('minute', 1, 60_000)];
    expect((await many(5, [mine])).filter(({ taken }) => taken)).toHaveLength(1);
    expect((await bench.counters.count([yours])).taken).toBe(true);
  });

  it('refuses where a limit was lowered below what was used', async () => {
    const window = windowOf('minute', 10, 60_000);
    await many(4, [window]);
    expect(await bench.counters.count([{ ...window, calls: 2 }])).toMatchObject({ taken: false, used: [4] });
  });

  it('never takes more than any window has, whoever asks for which of them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 3, maxLength: 3 }),
        fc.array(fc.subarray([0, 1, 2], { minLength: 1 }), { maxLength: 30 }),
        async (limits, asked) => {
          const windows = limits.map((calls) => windowOf('any', calls, 600_000));
          const model = [0, 0, 0];
          for (const places of asked) {
            const { taken } = await bench.counters.count(places.map((place) => windows[place]!));
            expect(taken).toBe(places.every((place) => model[place]! < limits[place]!));
            if (taken) for (const place of places) model[place]! += 1;
          }
        },
      ),
      { numRuns: 30 },
    );
  });
};

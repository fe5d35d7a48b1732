import { pino } from 'pino';
import { Erasures } from './erasures.js';

type Given = ConstructorParameters<typeof Erasures>[0];

/** An erasure of so many milliseconds ago, and what is done about it from then on. */
const erasure = () => {
  const done: string[] = [];
  const clock = { ageMs: 0, isDone: false };
  const query = (text: string, [settledAfterMs]: readonly unknown[]): Promise<unknown> => {
    if (text.includes('delivery_attempts')) done.push(`sent at ${clock.ageMs}`);
    if (text.includes('rows_blanked_at = now()')) {
      done.push(`done at ${clock.ageMs}`);
      clock.isDone = true;
    }
    const settled = clock.ageMs > Number(settledAfterMs);
    const pending = { tenant_id: 'tnt_1', subject_id: 'cust_1', settled };
    return Promise.resolve({ rows: text.includes('daybook.erasures') && !clock.isDone ? [pending] : [] });
  };
  const given = {
    pools: { engine: { query }, projector: { query } },
    store: { read: async function* () {} },
    vault: { erase: () => Promise.resolve() },
  } as unknown as Given;
  return { done, clock, erasures: new Erasures(given, pino({ level: 'silent' })) };
};

it('what a delivery keeps that was under way when somebody was erased is blanked once it has ended', async () => {
  const { done, clock, erasures } = erasure();
  for (clock.ageMs = 0; clock.ageMs <= 40_000; clock.ageMs += 2_000) await erasures.look();
  expect(done).toEqual(['sent at 2000', 'sent at 32000', 'done at 32000']);
});

it('an instance that begins later completes what another has begun', async () => {
  const { done, clock, erasures } = erasure();
  clock.ageMs = 60_000;
  await erasures.look();
  expect(done).toEqual(['sent at 60000', 'done at 60000']);
});

it('one that can’t be completed keeps no other from it', async () => {
  const done: unknown[] = [];
  const query = (text: string, values: readonly unknown[]): Promise<unknown> => {
    if (text.includes('rows_blanked_at = now()')) done.push(values[1]);
    const pending = ['cust_1', 'cust_2', 'cust_3'].map((subject_id) => ({
      tenant_id: 'tnt_1',
      subject_id,
      settled: true,
    }));
    return Promise.resolve({ rows: text.includes('daybook.erasures') ? pending : [] });
  };
  const erase = (_: string, subject: string): Promise<void> =>
    subject === 'cust_1' ? Promise.reject(new Error('poisoned')) : Promise.resolve();
  const given = {
    pools: { engine: { query }, projector: { query } },
    store: { read: async function* () {} },
    vault: { erase },
  } as unknown as Given;
  const told: string[] = [];
  await new Erasures(given, pino({ level: 'warn' }, { write: (line: string) => void told.push(line) })).look();
  expect(done).toEqual(['cust_2', 'cust_3']);
  expect(told).toHaveLength(1);
  expect(told[0]).toContain('"subject_id":"cust_1"');
});

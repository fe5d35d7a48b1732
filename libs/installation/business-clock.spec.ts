import pg from 'pg';
import { prepareDatabase } from '#platform/database/prepare-database.js';
import { startPostgres, type TestPostgres } from '../../test/support/postgres.js';
import { BUSINESS_CLOCK_MIGRATIONS, BusinessClock, MOST_ADVANCE_MS } from './business-clock.js';

const HOUR = 3_600_000;

let server: TestPostgres;
let engine: pg.Pool;
let projector: pg.Pool;
let app: pg.Pool;
beforeAll(async () => {
  server = await startPostgres();
  const urls = await prepareDatabase(
    await server.createDatabase('daybook'),
    Buffer.alloc(32, 7),
    BUSINESS_CLOCK_MIGRATIONS,
  );
  engine = new pg.Pool({ connectionString: urls.engine, max: 4 });
  projector = new pg.Pool({ connectionString: urls.projector, max: 1 });
  app = new pg.Pool({ connectionString: urls.app, max: 1 });
  for (const pool of [engine, projector, app]) pool.on('error', () => undefined);
});
afterAll(async () => {
  await Promise.all([engine, projector, app].map((pool) => pool.end()));
  await server.stop();
});

const ahead = (clock: BusinessClock): number => Math.round((clock.now() - Date.now()) / 1000) * 1000;

it('runs with the time of day until it is moved, and then ahead of it, on every instance', async () => {
  const [here, there, fixed] = [true, true, false].map((settable) => new BusinessClock(engine, settable));
  await Promise.all([here!.look(), there!.look(), fixed!.look()]);
  expect([here!, there!, fixed!].map(ahead)).toEqual([0, 0, 0]);
  expect(await here!.advance(HOUR)).toMatchObject({ kind: 'moved', offsetMs: HOUR, replayed: false });
  expect([ahead(here!), here!.offsetMs, ahead(there!)]).toEqual([HOUR, HOUR, 0]);
  const ending = new AbortController();
  const running = [there!, fixed!].map((clock) => clock.run(ending.signal));
  for (const deadline = Date.now() + 5_000; there!.offsetMs === 0 && Date.now() < deadline;) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(ahead(there!)).toBe(HOUR);
  ending.abort();
  await Promise.all(running);
  // What was moved once stays moved, also for an installation whose clock can't be set any more.
  const later = new BusinessClock(engine, false);
  await later.look();
  expect(ahead(later)).toBe(HOUR);
});

it('adds up what several move at once, and never goes back', async () => {
  const clocks = Array.from({ length: 8 }, () => new BusinessClock(engine, true));
  await clocks[0]!.look();
  const before = clocks[0]!.offsetMs;
  await Promise.all(clocks.map((clock) => clock.advance(1000)));
  await Promise.all(clocks.map((clock) => clock.look()));
  expect(clocks.map(({ offsetMs }) => offsetMs)).toEqual(Array(8).fill(before + 8000));
  const answers = [before + 9000, before];
  const overtaken = new BusinessClock(
    { query: async () => ({ rows: [{ offset_ms: String(answers.shift()) }] }) } as unknown as pg.Pool,
    true,
  );
  await overtaken.look();
  await overtaken.look();
  expect(overtaken.offsetMs).toBe(before + 9000);
});

it('is moved once by whatever comes under one key, from however many instances at once', async () => {
  const clocks = Array.from({ length: 8 }, () => new BusinessClock(engine, true));
  await clocks[0]!.look();
  const before = clocks[0]!.offsetMs;
  const once = { key: 'k', request: 'r' };
  const outcomes = await Promise.all(clocks.map((clock) => clock.advance(HOUR, once)));
  const [first] = outcomes.filter((outcome) => outcome.kind === 'moved' && !outcome.replayed);
  expect(first).toMatchObject({ offsetMs: before + HOUR });
  expect(outcomes.filter((outcome) => outcome !== first)).toEqual(Array(7).fill({ ...first, replayed: true }));
  expect(clocks.map(({ offsetMs }) => offsetMs)).toEqual(Array(8).fill(before + HOUR));
  expect(await clocks[0]!.advance(HOUR, { ...once, request: 'other' })).toEqual({ kind: 'key_reused' });
  await clocks[0]!.look();
  expect(clocks[0]!.offsetMs).toBe(before + HOUR);
});

it('goes no further ahead than dates of four digits take', async () => {
  const clock = new BusinessClock(engine, true);
  const last = { key: 'last', request: 'r' };
  let moved = 0;
  while ((await clock.advance(MOST_ADVANCE_MS, { ...last, key: `k${moved}` })).kind === 'moved') moved += 1;
  expect(moved).toBe(9);
  // What it refused it does not remember; what it did it goes on telling.
  expect(await clock.advance(1, { ...last, key: 'k9' })).toMatchObject({ kind: 'moved', replayed: false });
  expect(await clock.advance(MOST_ADVANCE_MS)).toEqual({ kind: 'too_far' });
  expect(await clock.advance(MOST_ADVANCE_MS, { ...last, key: 'k0' })).toMatchObject({ kind: 'moved', replayed: true });
  expect(new Date(clock.now()).getUTCFullYear()).toBeLessThan(9999);
  const { offsetMs } = clock;
  await clock.look();
  expect(clock.offsetMs).toBe(offsetMs);
});

it('is the engine’s alone to move', async () => {
  await expect(projector.query('UPDATE daybook.business_clock SET offset_ms = 0')).rejects.toMatchObject({
    code: '42501',
  });
  await expect(app.query('SELECT offset_ms FROM daybook.business_clock')).rejects.toMatchObject({ code: '42501' });
  await expect(engine.query('UPDATE daybook.business_clock SET offset_ms = -1')).rejects.toMatchObject({
    code: '23514',
  });
});

import { ClockGuard } from './clock-guard.js';

const databaseAt = (now: number): ConstructorParameters<typeof ClockGuard>[0] =>
  ({ query: () => Promise.resolve({ rows: [{ now: String(now) }] }) }) as never;

describe('ClockGuard', () => {
  it.each([
    ['the same time', 0, false],
    ['59 s ahead', 59_000, false],
    ['61 s ahead', 61_000, true],
    ['an hour behind', -3_600_000, false],
  ])('%s of the database', async (_, aheadMs, isAhead) => {
    const guard = new ClockGuard(databaseAt(Date.now() - aheadMs));
    await guard.look();
    expect(guard.isAhead()).toBe(isAhead);
    expect((await guard.probe.trouble()) === null).toBe(!isAhead);
  });
});

import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Probe } from './installation/installation.controller.js';

/** A clock so far ahead (ms) of the database's would write times that every other instance must then wait for. */
const MOST_AHEAD_MS = 60_000;
const LOOK_EVERY_MS = 10_000;

/** Compares this machine's clock with the database's; while it runs ahead, nothing is written (DECISIONS 19). */
export class ClockGuard {
  private aheadMs = 0;

  constructor(private readonly pool: Pick<pg.Pool, 'query'>) {}

  readonly isAhead = (): boolean => this.aheadMs > MOST_AHEAD_MS;

  readonly probe: Probe = {
    name: 'clock',
    trouble: () =>
      Promise.resolve(this.isAhead() ? `runs ${Math.round(this.aheadMs / 1000)} s ahead of the database's` : null),
  };

  async look(): Promise<void> {
    const { rows } = await this.pool.query<{ now: string }>(
      'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now',
    );
    // The answer is a little old when it comes: that only makes this clock look more ahead than it is, by milliseconds.
    this.aheadMs = Date.now() - Number(rows[0]?.now);
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(LOOK_EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
      // A database that does not answer is the other probe's to tell.
      if (!signal.aborted) await this.look().catch(() => undefined);
    }
  }
}

import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';

export const BUSINESS_CLOCK_MIGRATIONS: readonly { readonly name: string; readonly sql: string }[] = [
  {
    name: 'installation-business-clock',
    sql: readFileSync(new URL('./business-clock.sql', import.meta.url), 'utf8'),
  },
];

const DAY_MS = 86_400_000;
/** The furthest (ms) that time is moved at once. */
export const MOST_ADVANCE_MS = 3_660 * DAY_MS;
/** The furthest (ms) that business time runs ahead: what is written must go on being a date of four digits. */
const MOST_OFFSET_MS = 10 * MOST_ADVANCE_MS;
/** How soon what another instance set is seen here. */
const LOOK_EVERY_MS = 100;

/**
 * Business time: the time of day and the installation's offset, which lies in the database (DECISIONS 19). It holds for what
 * is due, counted and cut off; credentials, signatures, time-outs and rate limits keep to the time of day. An offset that
 * was once set stays, also where the clock is no longer settable: business time never goes back.
 */
export class BusinessClock {
  private offset = 0;

  constructor(
    /** Of the role `engine`. */
    private readonly pool: Pick<pg.Pool, 'query'>,
    readonly isSettable: boolean,
  ) {}

  /** Milliseconds since 1970. */
  readonly now = (): number => Date.now() + this.offset;

  /** Milliseconds that business time is ahead. */
  get offsetMs(): number {
    return this.offset;
  }

  /** Sees what was set, here or elsewhere. Rejects where the database does not answer. */
  async look(): Promise<void> {
    const { rows } = await this.pool.query<{ offset_ms: string }>('SELECT offset_ms FROM daybook.business_clock');
    this.take(rows);
  }

  /** Moves business time forward for all instances. False: it would run further ahead than it may; nothing was moved. */
  async advance(ms: number): Promise<boolean> {
    const { rows } = await this.pool.query<{ offset_ms: string }>(
      `UPDATE daybook.business_clock SET offset_ms = offset_ms + $1::bigint
       WHERE offset_ms + $1::bigint <= $2::bigint RETURNING offset_ms`,
      [ms, MOST_OFFSET_MS],
    );
    this.take(rows);
    return rows.length > 0;
  }

  /** Follows what other instances set, where it can be set at all. */
  async run(signal: AbortSignal): Promise<void> {
    while (this.isSettable && !signal.aborted) {
      await sleep(LOOK_EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
      // A database that does not answer is a probe's to tell.
      if (!signal.aborted) await this.look().catch(() => undefined);
    }
  }

  // Two answers may overtake each other.
  private take([row]: readonly { readonly offset_ms: string }[]): void {
    if (row !== undefined) this.offset = Math.max(this.offset, Number(row.offset_ms));
  }
}

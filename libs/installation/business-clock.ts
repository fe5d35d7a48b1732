import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';

export const BUSINESS_CLOCK_MIGRATIONS: readonly { readonly name: string; readonly sql: string }[] = [
  {
    name: 'installation-business-clock',
    sql: readFileSync(new URL('./business-clock.sql', import.meta.url), 'utf8'),
  },
  {
    name: 'installation-business-clock-moves',
    sql: readFileSync(new URL('./business-clock-moves.sql', import.meta.url), 'utf8'),
  },
];

const DAY_MS = 86_400_000;
/** The furthest (ms) that time is moved at once. */
export const MOST_ADVANCE_MS = 3_660 * DAY_MS;
/** The furthest (ms) that business time runs ahead: what is written must go on being a date of four digits. */
const MOST_OFFSET_MS = 10 * MOST_ADVANCE_MS;
/** How soon what another instance set is seen here. */
const LOOK_EVERY_MS = 100;

/** An Idempotency-Key and what it was sent with, as stored (DECISIONS 14). */
export interface OnceOnly {
  readonly key: string;
  readonly request: string;
}

/** What became of moving the clock; `too_far`: it would run further ahead than it may, and was not moved. */
export type Moved =
  | { readonly kind: 'moved'; readonly offsetMs: number; readonly nowMs: number; readonly replayed: boolean }
  | { readonly kind: 'too_far' | 'key_reused' };

interface MovedRow {
  readonly offset_ms: string;
  readonly now_ms: string;
  readonly request: string | null;
}

const MOVE = `UPDATE daybook.business_clock SET offset_ms = offset_ms + $1::bigint
  WHERE offset_ms + $1::bigint <= $2::bigint RETURNING offset_ms, offset_ms + $3::bigint AS now_ms`;
// One statement: where the key is known already, its violation takes the move back, too.
const MOVE_ONCE = `WITH moved AS (${MOVE})
  INSERT INTO daybook.business_clock_moves (offset_ms, now_ms, key, request) SELECT offset_ms, now_ms, $4, $5 FROM moved
  RETURNING offset_ms, now_ms`;
const FIRST_MOVE = 'SELECT offset_ms, now_ms, request FROM daybook.business_clock_moves WHERE key = $1';

const isTaken = (error: unknown): boolean => (error as { code?: unknown }).code === '23505';

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

  /** Moves business time forward for all instances; with `once`, of all that comes under its key only once. */
  async advance(ms: number, once: OnceOnly | null = null): Promise<Moved> {
    const values = [ms, MOST_OFFSET_MS, Date.now()];
    const moving =
      once === null
        ? this.pool.query<MovedRow>(MOVE, values)
        : this.pool.query<MovedRow>(MOVE_ONCE, [...values, once.key, once.request]);
    const rows = await moving.then(
      (done) => done.rows,
      (error: unknown) => {
        if (once === null || !isTaken(error)) throw error;
        return [];
      },
    );
    const [row] = rows;
    if (row === undefined) return once === null ? { kind: 'too_far' } : this.firstMove(once);
    this.take(rows);
    return { kind: 'moved', offsetMs: Number(row.offset_ms), nowMs: Number(row.now_ms), replayed: false };
  }

  /** What a key that nothing was moved for now did when it first came. */
  private async firstMove({ key, request }: OnceOnly): Promise<Moved> {
    const { rows } = await this.pool.query<MovedRow>(FIRST_MOVE, [key]);
    const [row] = rows;
    if (row === undefined) return { kind: 'too_far' };
    if (row.request !== request) return { kind: 'key_reused' };
    this.take(rows);
    return { kind: 'moved', offsetMs: Number(row.offset_ms), nowMs: Number(row.now_ms), replayed: true };
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

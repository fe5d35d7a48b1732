import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { CORE_GROUP } from './tenant-session.js';

/** How often tenants that somebody waits for are asked after, in milliseconds: all of them in one query. */
const ASK_EVERY_MS = 3;

interface Waiter {
  readonly tenantId: string;
  readonly revision: number;
  until: number;
  readonly answer: (reached: boolean) => void;
}

/**
 * How far the read models have come, and waiting for it (read your writes). The pool's role must see all tenants' progress:
 * `daybook_engine`.
 */
export class TenantProgress {
  private waiters: Waiter[] = [];
  private asking = false;

  constructor(
    private readonly pool: Pick<pg.Pool, 'query'>,
    private readonly askEveryMs = ASK_EVERY_MS,
  ) {}

  /** Of the tenant's stream; −1 before anything was projected. */
  async revision(tenantId: string): Promise<number> {
    return (await this.revisions([tenantId])).get(tenantId) ?? -1;
  }

  /**
   * True once read models stand at that revision; false when that took longer, or the database did not answer meanwhile, or
   * soon after `signal` was aborted.
   */
  waitFor(tenantId: string, revision: number, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
    if (signal?.aborted === true) return Promise.resolve(false);
    return new Promise((resolve) => {
      const aborted = (): void => void (waiter.until = 0);
      const answer = (reached: boolean): void => {
        signal?.removeEventListener('abort', aborted);
        resolve(reached);
      };
      const waiter: Waiter = { tenantId, revision, until: performance.now() + timeoutMs, answer };
      signal?.addEventListener('abort', aborted, { once: true });
      this.waiters.push(waiter);
      if (!this.asking) void this.ask();
    });
  }

  /** What a runner in this process has just committed (its `onCommit`): who waits for it need not ask. */
  reached(revisions: ReadonlyMap<string, number>): void {
    if (this.waiters.length > 0) this.settle(revisions);
  }

  private async ask(): Promise<void> {
    this.asking = true;
    let asked: Promise<void> | null = null;
    while (this.waiters.length > 0) {
      asked ??= this.revisions([...new Set(this.waiters.map(({ tenantId }) => tenantId))])
        .catch(() => NOTHING)
        .then((reached) => this.settle(reached))
        .finally(() => (asked = null));
      const first = Math.min(...this.waiters.map(({ until }) => until));
      const patience = new AbortController();
      const enough = sleep(Math.max(0, first - performance.now()), undefined, { signal: patience.signal });
      await Promise.race([asked, enough.catch(() => undefined)]);
      patience.abort();
      this.settle(NOTHING);
      if (this.waiters.length > 0) await sleep(this.askEveryMs);
    }
    this.asking = false;
  }

  private settle(reached: ReadonlyMap<string, number>): void {
    const now = performance.now();
    this.waiters = this.waiters.filter((waiter) => {
      const isReached = (reached.get(waiter.tenantId) ?? -1) >= waiter.revision;
      if (isReached || now >= waiter.until) waiter.answer(isReached);
      return !isReached && now < waiter.until;
    });
  }

  private async revisions(tenantIds: readonly string[]): Promise<Map<string, number>> {
    const { rows } = await this.pool.query<{ tenant_id: string; revision: string }>({
      name: 'tenant_progress.of',
      text: `SELECT tenant_id, revision FROM tenant_progress
        WHERE projection_group = '${CORE_GROUP}' AND tenant_id = ANY($1::text[])`,
      values: [tenantIds],
    });
    return new Map(rows.map((row) => [row.tenant_id, Number(row.revision)]));
  }
}

const NOTHING: ReadonlyMap<string, number> = new Map();

import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { CORE_GROUP } from './tenant-session.js';

/** How often tenants that somebody waits for are asked after, in milliseconds: all of them in one query. */
const ASK_EVERY_MS = 3;

interface Waiter {
  readonly tenantId: string;
  readonly revision: number;
  readonly until: number;
  readonly answer: (reached: boolean) => void;
}

/**
 * How far the read models have come, and waiting for it (read your writes). The pool's role must see all tenants' progress:
 * `daybook_engine`.
 */
export class TenantProgress {
  private waiters: Waiter[] = [];
  private asking = false;

  constructor(private readonly pool: Pick<pg.Pool, 'query'>) {}

  /** Of the tenant's stream; −1 before anything was projected. */
  async revision(tenantId: string): Promise<number> {
    return (await this.revisions([tenantId])).get(tenantId) ?? -1;
  }

  /** True once read models stand at that revision; false when that took longer. */
  waitFor(tenantId: string, revision: number, timeoutMs: number): Promise<boolean> {
    return new Promise((answer) => {
      this.waiters.push({ tenantId, revision, until: performance.now() + timeoutMs, answer });
      if (!this.asking) void this.ask();
    });
  }

  private async ask(): Promise<void> {
    this.asking = true;
    while (this.waiters.length > 0) {
      const reached = await this.revisions([...new Set(this.waiters.map(({ tenantId }) => tenantId))]).catch(
        () => new Map<string, number>(),
      );
      const now = performance.now();
      const still: Waiter[] = [];
      for (const waiter of this.waiters) {
        if ((reached.get(waiter.tenantId) ?? -1) >= waiter.revision) waiter.answer(true);
        else if (now >= waiter.until) waiter.answer(false);
        else still.push(waiter);
      }
      this.waiters = still;
      if (still.length > 0) await sleep(ASK_EVERY_MS);
    }
    this.asking = false;
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

import { setTimeout as sleep } from 'node:timers/promises';
import { NotTaken, type Clock, type CommandRequest, type DueHolds, type DueTenant, type Engine } from './ports.js';

const LOOK_EVERY_MS = 1_000;
const TENANTS_AT_ONCE = 1_000;
const COMMANDS_AT_ONCE = 8;

/** The system's command that ends whatever is due of a tenant: no key's, no operator's, and answered to nobody. */
export const expireDueHolds = (tenantId: string): CommandRequest => ({
  tenantId,
  command: { type: 'ExpireDueHolds', data: {} },
  issuer: { plane: 'system', keyId: null, entitlement: null },
  actor: 'system',
  requestId: null,
  apiVersion: null,
  ip: null,
  idempotency: null,
});

/**
 * Ends the holds of tenants at rest: any command does so, and where none comes this sends one. Each process that has an
 * engine has one of these, and they need not agree: the first to look does it, at a moment of its own, and the others find
 * it done. Should two be so near that both try, one finds nothing to do.
 */
export class DueHoldsWaker {
  constructor(
    private readonly engine: Engine,
    private readonly dueHolds: DueHolds,
    private readonly clock: Clock,
    private readonly onTrouble: (error: unknown) => void,
    private readonly lookEveryMs = LOOK_EVERY_MS,
    private readonly tenantsAtOnce = TENANTS_AT_ONCE,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const pause = this.lookEveryMs * (0.5 + Math.random());
      await sleep(pause, undefined, { signal, ref: false }).catch(() => undefined);
      if (!signal.aborted) await this.look().catch(this.onTrouble);
    }
  }

  /**
   * Wakes whoever has something due by now, page by page: those who take no commands stay the longest due, and however many
   * they are, the others come after them. Rejects where it can't be told who that is.
   */
  async look(): Promise<void> {
    const at = this.clock.now();
    for (let last: DueTenant | null = null; ;) {
      const tenants: readonly DueTenant[] = await this.dueHolds.tenantsDue(at, this.tenantsAtOnce, last);
      for (let i = 0; i < tenants.length; i += COMMANDS_AT_ONCE) {
        await Promise.all(tenants.slice(i, i + COMMANDS_AT_ONCE).map(({ tenantId }) => this.wake(tenantId)));
      }
      if (tenants.length < this.tenantsAtOnce) return;
      last = tenants.at(-1)!;
    }
  }

  private async wake(tenantId: string): Promise<void> {
    try {
      await this.engine.execute(expireDueHolds(tenantId));
    } catch (error) {
      // One tenant's trouble is not the others'; it is tried again with the next look. Whoever takes no commands says so.
      if (!(error instanceof NotTaken)) this.onTrouble(error);
    }
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { ApiKeyCredentials } from '#access/credentials.js';
import type { UserCredentials } from '#access/users/user-credentials.js';
import { ledgerStream } from '#domain/codec.js';
import type { LedgerEvent } from '#domain/ledger.js';
import type { ColdIndex } from '#engine/ports.js';
import type { EventStore } from '#event-store/event-store.js';
import { decodeRecorded } from '#projections/registry.js';

/** What was reserved so long ago (ms) and opens nothing yet was left by a crash, or its request was refused. */
const LEFT_AFTER_MS = 60_000;
const LOOK_EVERY_MS = 60_000;

/** A key or a user whose row stands and whose event may not. */
interface Left {
  readonly tenantId: string;
  readonly coldKey: string;
  readonly settle: (event: LedgerEvent, revision: number) => Promise<unknown>;
  readonly discard: () => Promise<void>;
}

/**
 * Completes what a crash left between the row of a key or a user and its event: with the event the row says what that says,
 * without it the row goes. Repeating it, here or on another instance, changes nothing.
 */
export class HalfMade {
  constructor(
    private readonly keys: ApiKeyCredentials,
    private readonly users: UserCredentials,
    private readonly coldIndex: ColdIndex,
    private readonly store: EventStore,
    private readonly logger: Logger,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.look().catch((err: unknown) => {
        this.logger.warn({ err }, 'half-made API keys and users could not be looked through');
      });
      await sleep(LOOK_EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  /** Once. `olderThanMs`: what is younger may be under way. */
  async look(olderThanMs = LEFT_AFTER_MS): Promise<void> {
    const keys = (await this.keys.unsettled(olderThanMs)).map(({ tenantId, keyId }): Left => ({
      tenantId,
      coldKey: `key:${keyId}`,
      settle: async ({ data }, revision) =>
        'api_key' in data ? this.keys.settle(tenantId, data.api_key, revision) : undefined,
      discard: () => this.keys.discard(tenantId, keyId),
    }));
    const users = (await this.users.unsettled(olderThanMs)).map(({ tenantId, userId }): Left => ({
      tenantId,
      coldKey: `usr:${userId}`,
      settle: async ({ data }, revision) =>
        'user' in data ? this.users.settle(tenantId, data.user, revision) : undefined,
      discard: () => this.users.discard(tenantId, userId),
    }));
    for (const one of [...keys, ...users]) await this.finish(one);
  }

  private async finish({ tenantId, coldKey, settle, discard }: Left): Promise<void> {
    const stream = ledgerStream(tenantId);
    const head = await this.store.head(stream);
    const { revision, found } = await this.coldIndex.lookUp(tenantId, [coldKey]);
    const at = found.get(coldKey);
    if (at === undefined) {
      // Only an index that has seen the whole stream can say that there is no such event.
      if (head === null || revision >= head.revision) await discard();
      return;
    }
    for await (const [recorded] of this.store.read(stream, at, 1)) {
      const event = recorded === undefined ? null : decodeRecorded(recorded).event;
      if (event !== null) await settle(event, at);
      return;
    }
  }
}

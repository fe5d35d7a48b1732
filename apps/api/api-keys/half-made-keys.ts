import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { ApiKeyCredentials, Unsettled } from '#access/credentials.js';
import { ledgerStream } from '#domain/codec.js';
import type { ColdIndex } from '#engine/ports.js';
import type { EventStore } from '#event-store/event-store.js';
import { decodeRecorded } from '#projections/registry.js';

/** A key that was reserved so long ago (ms) and opens nothing yet was left by a crash, or its request was refused. */
const LEFT_AFTER_MS = 60_000;
const LOOK_EVERY_MS = 60_000;

/**
 * Completes what a crash left between a key's row and its event: with the event the key opens what that says, without it
 * the row goes. Repeating it, here or on another instance, changes nothing.
 */
export class HalfMadeKeys {
  constructor(
    private readonly credentials: ApiKeyCredentials,
    private readonly coldIndex: ColdIndex,
    private readonly store: EventStore,
    private readonly logger: Logger,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        for (const one of await this.credentials.unsettled(LEFT_AFTER_MS)) await this.finish(one);
      } catch (error) {
        this.logger.warn({ err: error }, 'half-made API keys could not be looked through');
      }
      await sleep(LOOK_EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  private async finish({ tenantId, keyId }: Unsettled): Promise<void> {
    const key = `key:${keyId}`;
    const stream = ledgerStream(tenantId);
    const head = await this.store.head(stream);
    const { revision, found } = await this.coldIndex.lookUp(tenantId, [key]);
    const at = found.get(key);
    if (at !== undefined) await this.settle(tenantId, stream, at);
    // Only an index that has seen the whole stream can say that there is no such event.
    else if (head === null || revision >= head.revision) await this.credentials.discard(tenantId, keyId);
  }

  private async settle(tenantId: string, stream: string, revision: number): Promise<void> {
    for await (const [recorded] of this.store.read(stream, revision, 1)) {
      const event = recorded === undefined ? null : decodeRecorded({ ...recorded, stream }).event;
      if (event?.type === 'ApiKeyCreated' || event?.type === 'ApiKeyUpdated') {
        await this.credentials.settle(tenantId, event.data.api_key, revision);
      }
      return;
    }
  }
}

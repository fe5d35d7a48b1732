import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type pg from 'pg';
import type { Engine } from '#engine/ports.js';
import type { Mail } from '#platform/mail/mail.js';
import { asError } from '../alarms.js';
import type { Reads } from '../reads.js';

const LOOK_EVERY_MS = 500;

const DIED = `SELECT tenant_id, endpoint_id FROM webhook_lanes
  WHERE died_at IS NOT NULL AND status = 'enabled' ORDER BY died_at LIMIT 100`;

/**
 * Tells the ledger of endpoints whose delivery failed for the last time, and their tenant by mail. Workers send such an
 * endpoint nothing more from that moment on; that it is dead is the writer's to say. Telling it twice changes nothing.
 */
export class DeadEndpoints {
  constructor(
    /** Of the role `engine`. */
    private readonly pool: Pick<pg.Pool, 'query'>,
    private readonly engine: Engine,
    private readonly reads: Reads,
    private readonly mail: Mail,
    private readonly logger: Logger,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.look().catch((error: unknown) => {
        this.logger.warn({ err: asError(error) }, 'dead webhook endpoints could not be looked for; it is tried again');
      });
      await sleep(LOOK_EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  private async look(): Promise<void> {
    const { rows } = await this.pool.query<{ tenant_id: string; endpoint_id: string }>(DIED);
    for (const { tenant_id, endpoint_id } of rows) {
      // A tenant whose writer takes no commands keeps nobody else's waiting.
      await this.bury(tenant_id, endpoint_id).catch((error: unknown) => {
        this.logger.warn(
          { err: asError(error), tenant_id, endpoint_id },
          'a dead webhook endpoint could not be disabled',
        );
      });
    }
  }

  private async bury(tenantId: string, endpointId: string): Promise<void> {
    const receipt = await this.engine.execute({
      tenantId,
      command: { type: 'DisableWebhookEndpoint', data: { endpoint_id: endpointId, as: 'dead' } },
      issuer: { plane: 'system', keyId: null, entitlement: null },
      actor: 'system',
      requestId: null,
      apiVersion: null,
      ip: null,
      idempotency: null,
    });
    // Whoever comes second finds nothing to change, and writes no second letter.
    if (receipt.kind !== 'committed') return;
    const { resource } = await this.reads.tenant(tenantId);
    const email = (resource?.partner as { readonly email?: string | null } | undefined)?.email ?? null;
    if (email !== null) this.mail.post(letter(email, endpointId));
  }
}

const letter = (to: string, endpointId: string): Parameters<Mail['post']>[0] => ({
  to,
  subject: 'A webhook endpoint was disabled',
  text:
    `The webhook endpoint ${endpointId} was disabled: ten attempts at one delivery, over a week, all failed.\n\n` +
    'Nothing that it was to be sent is lost. Once the consumer is well again, enable the endpoint; what has gathered is ' +
    'sent then. Deliveries are kept for thirty days.\n',
  about: endpointId,
});

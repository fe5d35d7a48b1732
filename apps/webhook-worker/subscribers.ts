import type pg from 'pg';
import type { RecordedEvent } from '#event-store/event-store.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { tenantOfStream } from '#domain/codec.js';
import type { Decoded, Reading } from '#projecting/feed.js';
import { isAboutEndpoints, isReadOfAll, passedOver } from '#webhooks/fan-out.js';

/** Where nobody has an endpoint, the stream is looked at so often (ms); where nobody had a part in a batch, again after this. */
const NOBODY_REST_MS = 250;
const OTHERS_REST_MS = 50;

const OPEN = 'SELECT DISTINCT tenant_id FROM webhook_subscriptions WHERE until_revision IS NULL';

/**
 * Tenants with endpoints. The events of all others are passed over undecoded: most of a busy installation's are nobody's. It
 * may name too many, never too few: it is read when this process gets the lead, and a tenant's first endpoint is an event that
 * stands before those which it is told.
 */
export class Subscribers {
  private readonly tenants = new Set<string>();

  constructor(
    /** Of the role `projector`. */
    private readonly pool: Pick<pg.Pool, 'query'>,
    private readonly whole: Reading<LedgerEvent>,
    /** Hears what was decoded for somebody. */
    private readonly heard: (recorded: RecordedEvent, decoded: Decoded<LedgerEvent>) => void,
  ) {}

  reading(): Reading<LedgerEvent> {
    return {
      ...this.whole,
      begin: () => this.look(),
      decode: (recorded) => this.decode(recorded),
    };
  }

  /** How long the runner rests after a batch with events of these tenants. */
  readonly restMs = (tenantIds: Iterable<string>): number => {
    if (this.tenants.size === 0) return NOBODY_REST_MS;
    for (const tenantId of tenantIds) if (this.tenants.has(tenantId)) return 0;
    return OTHERS_REST_MS;
  };

  private async look(): Promise<void> {
    const { rows } = await this.pool.query<{ tenant_id: string }>(OPEN);
    for (const { tenant_id } of rows) this.tenants.add(tenant_id);
  }

  private decode(recorded: RecordedEvent): Decoded<LedgerEvent> {
    const { stream, type, revision, id } = recorded;
    const tenantId = tenantOfStream(stream);
    if (isAboutEndpoints(type)) this.tenants.add(tenantId);
    if (!this.tenants.has(tenantId) && !isReadOfAll(type)) return { event: passedOver(revision, id), sealed: [] };
    const decoded = this.whole.decode(recorded);
    this.heard(recorded, decoded);
    // Fan-out opens nothing: what is sealed is opened where it is sent.
    return { ...decoded, sealed: [] };
  }
}

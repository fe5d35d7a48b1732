import { NEWEST_API_VERSION } from '#contract/api-versions.js';
import { publicType, renderPublicEvent, type PublicEvent } from '#contract/public-events.js';
import { headerChanges, renderEvent, signatureHeader } from '#contract/versions/webhooks.js';
import { ledgerStream, tenantOfStream } from '#domain/codec.js';
import type { LedgerEvent } from '#domain/ledger.js';
import type { RecordedEvent } from '#event-store/event-store.js';
import type { Installation } from '#installation/installation.js';
import { readRevisions, type Decoded } from '#projecting/feed.js';
import { decodeRecorded } from '#projections/registry.js';
import { traitsOf } from '#projections/tenants/traits.queries.js';
import { PostgresSubjectVault } from '#vault/subject-vault.js';
import type { DelivererOptions, RenderEvent } from '#webhooks/deliverer.js';
import { openDestination, sealedTextsOf } from '#webhooks/destination.js';
import { orderingKeyOf } from '#webhooks/ordering-key.js';
import type { OrderingKeys } from '#webhooks/replays.js';

/** An event that goes to many endpoints is read once, and so is a tenant's pin. */
const REMEMBERED_MS = 1_000;
const REMEMBERED_EVENTS = 2_000;

interface Traits {
  readonly apiVersion: string;
  readonly environment: string;
}

/** For a short while, and so many at most: the oldest go first. */
class Remembered<V> {
  private readonly values = new Map<string, { readonly value: Promise<V>; readonly until: number }>();

  constructor(private readonly most: number) {}

  get(key: string, read: () => Promise<V>): Promise<V> {
    const known = this.values.get(key);
    if (known !== undefined && known.until > performance.now()) return known.value;
    this.values.delete(key);
    const value = read();
    value.catch(() => this.values.delete(key));
    this.values.set(key, { value, until: performance.now() + REMEMBERED_MS });
    for (const oldest of this.values.keys()) {
      if (this.values.size <= this.most) break;
      this.values.delete(oldest);
    }
    return value;
  }
}

/** What deliveries say: the stored event, told in the endpoint's version at the moment it is sent. */
export class ToldEvents {
  private readonly vault: PostgresSubjectVault;
  private readonly events = new Remembered<PublicEvent | null>(REMEMBERED_EVENTS);
  private readonly traits = new Remembered<Traits>(REMEMBERED_EVENTS);

  private readonly bodies = new Remembered<ToldEvent | null>(REMEMBERED_EVENTS);
  /** Events that the reactor in this process has just decoded: they need not be read again. */
  private readonly heard = new Map<string, Decoded<LedgerEvent>>();

  /** `noteChanges`: told which changes between API versions had anything to do with a delivery's attempt. */
  constructor(
    private readonly installation: Installation,
    private readonly noteChanges: (tenantId: string, delivery: string, changes: Iterable<string>) => void,
  ) {
    this.vault = new PostgresSubjectVault(installation.pools.projector, installation.masterKeys);
  }

  /** Null where the stream has no such event. Throws while the tenant is not readable yet. */
  readonly render: RenderEvent = async (tenantId, revision, { apiVersion, payload }) => {
    const key = `${tenantId}/${revision}/${payload}/${apiVersion}`;
    const told = await this.bodies.get(key, () => this.rendered(tenantId, revision, { apiVersion, payload }));
    if (told !== null && told.changes.size > 0) this.noteChanges(tenantId, `webhook ${told.type}`, told.changes);
    return told;
  };

  /** An event that is to be told soon. */
  hear({ stream, revision }: RecordedEvent, decoded: Decoded<LedgerEvent>): void {
    if (publicType(decoded.event) === null) return;
    this.heard.set(`${tenantOfStream(stream)}/${revision}`, decoded);
    for (const oldest of this.heard.keys()) {
      if (this.heard.size <= REMEMBERED_EVENTS) break;
      this.heard.delete(oldest);
    }
  }

  private async rendered(
    tenantId: string,
    revision: number,
    terms: Parameters<RenderEvent>[2],
  ): Promise<ToldEvent | null> {
    const { apiVersion, environment } = await this.traits.get(tenantId, () => this.traitsOf(tenantId));
    const liveMode = environment === 'live';
    const event = await this.events.get(`${tenantId}/${revision}`, () => this.read(tenantId, revision, liveMode));
    if (event === null) return null;
    const version = terms.apiVersion ?? apiVersion;
    const changes = new Set(headerChanges(version));
    const inVersion = renderEvent(event, version, (change) => {
      // A thin payload says nothing that a change is about.
      if (terms.payload === 'snapshot') changes.add(change);
    });
    const body = bodyOf(inVersion, terms.payload);
    return { body, signatureHeader: signatureHeader(version), type: event.type, changes };
  }

  readonly destination: DelivererOptions['destinationOf'] = async ({ tenantId }, sealed) =>
    openDestination(sealed, await this.vault.opener(tenantId, sealedTextsOf(sealed)));

  /** What these events are told in the order of. */
  readonly orderingKeys: OrderingKeys = async (tenantId, revisions) => {
    const stream = ledgerStream(tenantId);
    const recorded = await readRevisions(this.installation.store, stream, revisions);
    return new Map([...recorded].map(([revision, one]) => [revision, orderingKeyOf(decodeRecorded(one).event)]));
  };

  private async traitsOf(tenantId: string): Promise<Traits> {
    const traits = (await traitsOf(this.installation.pools.engine, [tenantId])).get(tenantId);
    if (traits === undefined) throw new Error(`${tenantId} is not readable yet`);
    return traits;
  }

  private async read(tenantId: string, revision: number, liveMode: boolean): Promise<PublicEvent | null> {
    const found = this.heard.get(`${tenantId}/${revision}`) ?? (await this.stored(tenantId, revision));
    if (found === null) return null;
    const { event, sealed } = found;
    const open = await this.vault.opener(tenantId, sealed);
    return renderPublicEvent(event, { liveMode, apiVersion: NEWEST_API_VERSION }, open);
  }

  private async stored(tenantId: string, revision: number): Promise<Decoded<LedgerEvent> | null> {
    const stream = ledgerStream(tenantId);
    const recorded = (await readRevisions(this.installation.store, stream, [revision])).get(revision);
    return recorded === undefined ? null : decodeRecorded(recorded);
  }
}

interface ToldEvent {
  readonly body: Uint8Array;
  readonly signatureHeader: string;
  readonly type: string;
  /** Changes between versions that had anything to do. */
  readonly changes: ReadonlySet<string>;
}

/** The bytes that are signed and sent. A thin payload says which event it is, to be fetched. */
export const bodyOf = (event: PublicEvent, payload: 'snapshot' | 'thin'): Buffer => {
  if (payload === 'snapshot') return Buffer.from(JSON.stringify(event));
  const { data: _data, previous_attributes: _previous, ...thin } = event;
  return Buffer.from(JSON.stringify(thin));
};

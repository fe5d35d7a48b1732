import { NEWEST_API_VERSION } from '#contract/api-versions.js';
import { renderPublicEvent } from '#contract/public-events.js';
import type { TenantResource } from '#contract/resources/tenant.js';
import { decodeEvent, ledgerStream } from '#domain/codec.js';
import type { EventStore } from '#event-store/event-store.js';
import { readRevisions } from '#projecting/feed.js';
import type { Opener } from '../commands.js';
import { sealedTextsIn } from '../personal-texts.js';
import type { Resource } from '../reads.js';

/** Public events, rendered from the tenant's stream itself: no row keeps a second copy of them. */
export class PublicEvents {
  constructor(
    private readonly store: EventStore,
    private readonly vault: Opener,
  ) {}

  /** In the order of the revisions given. */
  async at(tenantId: string, tenant: TenantResource | null, revisions: readonly number[]): Promise<Resource[]> {
    const recorded = await readRevisions(this.store, ledgerStream(tenantId), revisions);
    const events = revisions
      .map((revision) => recorded.get(revision))
      .filter((event) => event !== undefined)
      .map((event) => decodeEvent(event.text));
    const open = await this.vault.opener(tenantId, sealedTextsIn(events.map(({ data }) => data)));
    const terms = { liveMode: tenant?.environment === 'live', apiVersion: NEWEST_API_VERSION };
    return events.map((event) => renderPublicEvent(event, terms, open) as unknown as Resource);
  }
}

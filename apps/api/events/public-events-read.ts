import { NEWEST_API_VERSION } from '#contract/api-versions.js';
import { renderPublicEvent } from '#contract/public-events.js';
import type { TenantResource } from '#contract/resources/tenant.js';
import { decodeEvent, ledgerStream } from '#domain/codec.js';
import type { LedgerEvent } from '#domain/ledger.js';
import type { EventStore } from '#event-store/event-store.js';
import type { Opener } from '../commands.js';
import { sealedTextsIn } from '../personal-texts.js';
import type { Resource } from '../reads.js';

/** Events this close together are read in one go, with what lies between them. */
const CLOSE = 16;

/** Public events, rendered from the tenant's stream itself: no row keeps a second copy of them. */
export class PublicEvents {
  constructor(
    private readonly store: EventStore,
    private readonly vault: Opener,
  ) {}

  /** In the order of the revisions given. */
  async at(tenantId: string, tenant: TenantResource | null, revisions: readonly number[]): Promise<Resource[]> {
    const events = await this.read(tenantId, revisions);
    const wanted = revisions.map((revision) => events.get(revision)).filter((event) => event !== undefined);
    const open = await this.vault.opener(tenantId, sealedTextsIn(wanted.map(({ data }) => data)));
    const terms = { liveMode: tenant?.environment === 'live', apiVersion: NEWEST_API_VERSION };
    return wanted.map((event) => renderPublicEvent(event, terms, open) as unknown as Resource);
  }

  private async read(tenantId: string, revisions: readonly number[]): Promise<Map<number, LedgerEvent>> {
    const found = new Map<number, LedgerEvent>();
    await Promise.all(
      runsOf(revisions).map(async ({ first, last }) => {
        for await (const page of this.store.read(ledgerStream(tenantId), first, last - first + 1)) {
          for (const { revision, payload } of page) found.set(revision, decodeEvent(Buffer.from(payload).toString()));
          break;
        }
      }),
    );
    return found;
  }
}

const runsOf = (revisions: readonly number[]): { first: number; last: number }[] => {
  const runs: { first: number; last: number }[] = [];
  for (const revision of [...revisions].sort((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run && revision - run.last <= CLOSE) run.last = revision;
    else runs.push({ first: revision, last: revision });
  }
  return runs;
};

import { idOf, ulidOf } from '#domain/ids.js';
import {
  renderAuditedWrite,
  renderAuditEntry,
  sealedInWrite,
  type AuditEntryResource,
} from '#contract/resources/audit-entry.js';
import type { EventStore } from '#event-store/event-store.js';
import type { Opener } from '../commands.js';
import type { AuditChain, AuditFilters, ChainLink } from './audit-chain.js';
import { LedgerWrites, type Range, type Write } from './ledger-writes.js';

/** Events that one page looks through at most. */
const EFFORT = 5_120;

export interface AuditQuery {
  readonly filters: AuditFilters;
  readonly order: 'asc' | 'desc';
  readonly limit: number;
  /** `last` of the page before. */
  readonly position: string | null;
}

export interface AuditPage {
  readonly data: readonly AuditEntryResource[];
  readonly hasMore: boolean;
  /** Where the next page goes on; null where there is none. */
  readonly last: string | null;
}

/** Where a page ended: behind which ULID, and at which revision of the stream. */
interface Place {
  readonly ulid: string | null;
  readonly revision: number;
}

type Found =
  | { readonly ulid: string; readonly write: Write; readonly link?: undefined }
  | { readonly ulid: string; readonly link: ChainLink; readonly write?: undefined };

/** The audit log as a whole: a tenant's stream of events and the chain beside it, in one order, which is that of their ids. */
export class AuditReading {
  private readonly writes: LedgerWrites;

  constructor(
    private readonly chain: AuditChain,
    store: EventStore,
    private readonly vault: Opener,
  ) {
    this.writes = new LedgerWrites(store);
  }

  /** Resolves when what was noted on this instance stands in its chains. */
  written(): Promise<void> {
    return this.chain.written();
  }

  /** `tenantId` null: of operators, what belongs to no tenant. */
  async page(tenantId: string | null, { filters, order, limit, position }: AuditQuery): Promise<AuditPage> {
    const isOfWrites = tenantId !== null && filters.outcome !== 'failed';
    const range = isOfWrites ? await this.writes.rangeOf(tenantId, filters) : NOTHING;
    const place = placeOf(position, order, range);
    const { ulid } = place;
    const after = ulid === null ? null : idOf('audit_entry', ulid);
    const links = await this.chain.links(tenantId, { filters, order, limit: limit + 1, after });
    const search = { filters, order, range, at: place.revision, limit: limit + 1, effort: EFFORT };
    const { writes, next, seen } = isOfWrites ? await this.writes.search(tenantId, search) : NO_WRITES;
    const isThrough = next < range.first || next > range.last;
    const found = merged(links, writes, order);
    // Of the chain nothing may be told that lies behind what the stream was looked through to.
    const told = (isThrough ? found : upTo(found, seen, order)).slice(0, limit);
    const hasMore = !isThrough || found.length > told.length;
    const rest = writes.find(({ event }) => !told.some((one) => one.ulid === event.id));
    const revision = rest === undefined ? next : rest.event.revision;
    return {
      data: await this.rendered(tenantId, told),
      hasMore,
      last: hasMore ? `${told.at(-1)?.ulid ?? ulid ?? ''}~${revision}` : null,
    };
  }

  private async rendered(tenantId: string | null, found: readonly Found[]): Promise<AuditEntryResource[]> {
    const sealed = found.flatMap(({ link, write }) =>
      write === undefined
        ? [link.entry.ip, link.entry.reason].filter((text) => text !== null)
        : sealedInWrite(write.event),
    );
    const open = await this.vault.opener(tenantId ?? found[0]?.link?.entry.tenant_id ?? '', sealed);
    return found.map(({ link, write }) =>
      write === undefined
        ? renderAuditEntry(link.entry, Buffer.from(link.hash).toString('hex'), open)
        : renderAuditedWrite(write.event, Buffer.from(write.hash).toString('hex'), open),
    );
  }
}

const NOTHING: Range = { first: 0, last: -1 };
const NO_WRITES = { writes: [], next: 0, seen: null };

const placeOf = (position: string | null, order: 'asc' | 'desc', range: Range): Place => {
  if (position === null) return { ulid: null, revision: order === 'desc' ? range.last : range.first };
  const [ulid, revision] = position.split('~') as [string, string];
  return { ulid: ulid === '' ? null : ulid, revision: Number(revision) };
};

const isBehind = (ulid: string, other: string, order: 'asc' | 'desc'): boolean =>
  order === 'desc' ? ulid < other : ulid > other;

const merged = (links: readonly ChainLink[], writes: readonly Write[], order: 'asc' | 'desc'): Found[] => {
  const found: Found[] = [
    ...links.map((link) => ({ ulid: ulidOf(link.entry.id), link })),
    ...writes.map((write) => ({ ulid: write.event.id, write })),
  ];
  return found.sort((a, b) => (a.ulid === b.ulid ? 0 : isBehind(a.ulid, b.ulid, order) ? 1 : -1));
};

const upTo = (found: readonly Found[], ulid: string | null, order: 'asc' | 'desc'): readonly Found[] =>
  ulid === null ? [] : found.filter((one) => !isBehind(one.ulid, ulid, order));

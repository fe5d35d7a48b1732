import { decodeEvent, ledgerStream } from '#domain/codec.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { timeOfUlid } from '#domain/ids.js';
import type { EventStore, RecordedEvent } from '#event-store/event-store.js';
import { refusalIn } from '#contract/resources/audit-entry.js';
import { resourceId } from '#contract/resource-id.js';
import type { AuditFilters } from './audit-chain.js';

/** A request's write is recorded while it is under way, or soon after when its outcome was not known at first. */
const RECORDED_WITHIN_MS = 600_000;
const CLOCKS_APART_MS = 60_000;
const PAGE = 256;

export interface Write {
  readonly event: LedgerEvent;
  readonly hash: Uint8Array;
}

/** Revisions, both included; empty where `first` lies beyond `last`. */
export interface Range {
  readonly first: number;
  readonly last: number;
}

export interface Found {
  readonly writes: readonly Write[];
  /** The revision to go on with; beyond the range where all of it was looked through. */
  readonly next: number;
  /** Id of the last event that was looked at; null: none was. */
  readonly seen: string | null;
}

interface Search {
  readonly filters: AuditFilters;
  readonly order: 'asc' | 'desc';
  readonly range: Range;
  /** Begins with this revision. */
  readonly at: number;
  /** Writes at most, and events at most that are looked through for them. */
  readonly limit: number;
  readonly effort: number;
}

/** Accepted writes in a tenant's own stream, where each event says who asked for it: no second copy of them is kept. */
export class LedgerWrites {
  constructor(private readonly store: EventStore) {}

  /** What the filters leave of the stream by its times alone; each look-up halves what is left. */
  async rangeOf(tenantId: string, { from, to, request_id }: AuditFilters): Promise<Range> {
    const stream = ledgerStream(tenantId);
    const head = (await this.store.head(stream))?.revision ?? -1;
    const asked = request_id === undefined ? null : timeOfUlid(request_id.slice(4));
    const begin = Math.max(from ?? 0, asked === null ? 0 : asked - CLOCKS_APART_MS);
    const end = Math.min(to ?? Infinity, asked === null ? Infinity : asked + RECORDED_WITHIN_MS);
    const first = begin === 0 ? 0 : await this.firstAfter(stream, head, (at) => at >= begin);
    const beyond = end === Infinity ? head + 1 : await this.firstAfter(stream, head, (at) => at > end);
    return { first, last: beyond - 1 };
  }

  async search(tenantId: string, { filters, order, range, at, limit, effort }: Search): Promise<Found> {
    const writes: Write[] = [];
    const isWanted = wantedBy(filters);
    let next = order === 'desc' ? Math.min(at, range.last) : Math.max(at, range.first);
    let seen: string | null = null;
    for (
      let read = 0;
      read < effort && writes.length < limit && next >= range.first && next <= range.last;
      read += PAGE
    ) {
      const from = order === 'desc' ? Math.max(range.first, next - PAGE + 1) : next;
      const to = order === 'desc' ? next : Math.min(range.last, next + PAGE - 1);
      const page = await this.read(ledgerStream(tenantId), from, to);
      if (order === 'desc') page.reverse();
      for (const recorded of page) {
        if (writes.length === limit) break;
        const write = isWanted(recorded);
        if (write !== null) writes.push(write);
        seen = recorded.id;
        next = recorded.revision + (order === 'desc' ? -1 : 1);
      }
    }
    return { writes, next, seen };
  }

  private async read(stream: string, from: number, to: number): Promise<RecordedEvent[]> {
    const found: RecordedEvent[] = [];
    for await (const page of this.store.read(stream, from, to - from + 1)) {
      for (const event of page) if (event.revision <= to) found.push(event);
      if (found.length > to - from || page.length === 0) break;
    }
    if (found.length === 0) throw new Error(`${stream} has nothing from ${from} to ${to}, which it had before`);
    return found;
  }

  /** The first revision whose time is so; `head + 1` where none is. */
  private async firstAfter(stream: string, head: number, isSo: (at: number) => boolean): Promise<number> {
    let low = 0;
    let high = head + 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const [event] = await this.read(stream, middle, middle);
      if (isSo(timeOfUlid((event as RecordedEvent).id))) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** Decodes only what may be it: most events are told apart by their bytes. */
const wantedBy = ({ actor, operation, outcome, request_id, resource_id }: AuditFilters) => {
  const needles = [actor, operation, request_id]
    .filter((text) => text !== undefined)
    .map((text) => JSON.stringify(text));
  return (recorded: RecordedEvent): Write | null => {
    const text = recorded.text;
    if (!needles.every((needle) => text.includes(needle))) return null;
    const event = decodeEvent(text);
    const { meta } = event;
    // Without a request it is the system's own act, of which the event itself says all.
    if (meta.request_id === null) return null;
    const isIt =
      (actor === undefined || meta.actor === actor) &&
      (operation === undefined || meta.idempotency?.operation === operation) &&
      (request_id === undefined || meta.request_id === request_id) &&
      (resource_id === undefined || resourceId(event) === resource_id) &&
      (outcome === undefined || (refusalIn(event) === null ? 'allowed' : 'refused') === outcome);
    return isIt ? { event, hash: recorded.hash } : null;
  };
};

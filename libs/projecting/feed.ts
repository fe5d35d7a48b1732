import type { EventStore, RecordedEvent } from '#event-store/event-store.js';
import type { Occurrence, Open } from './projection.js';

/** An event as it was decoded, with the sealed texts in it. */
export interface Decoded<E> {
  readonly event: E;
  readonly sealed: readonly string[];
}

/** How the runtime reads a ledger that it knows nothing of. */
export interface Reading<E extends Occurrence> {
  /** Before a runner that has got the lead reads its first event: what decoding depends on may have changed. */
  begin?(): Promise<void>;
  /** Streams with another beginning are nobody's ledger. */
  readonly streamPrefix: string;
  tenantOf(stream: string): string;
  streamOf(tenantId: string): string;
  /** Throws for what this version can't read: the tenant is then parked. */
  decode(recorded: RecordedEvent): Decoded<E>;
  /** What groups of `envelopes` get of an event that can't be decoded: at least revision and time. Never throws. */
  envelopeOf(recorded: RecordedEvent): E;
  /** Opens these sealed texts of a tenant. */
  opener(tenantId: string, sealed: readonly string[]): Promise<Open>;
}

/** An event of the store on its way to the read models. */
export interface Arrival<E> {
  readonly tenantId: string;
  readonly revision: number;
  readonly recorded: RecordedEvent;
  /** For groups that read envelopes; the whole event where it could be decoded. */
  readonly envelope: E;
  readonly decoded: Decoded<E> | null;
  /** Why it could not be decoded. */
  readonly fault: string | null;
}

export const reasonOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);

export const arrivalOf = <E extends Occurrence>(reading: Reading<E>, recorded: RecordedEvent): Arrival<E> => {
  const tenantId = reading.tenantOf(recorded.stream);
  try {
    const decoded = reading.decode(recorded);
    return { tenantId, revision: decoded.event.revision, recorded, envelope: decoded.event, decoded, fault: null };
  } catch (error) {
    const envelope = reading.envelopeOf(recorded);
    return { tenantId, revision: recorded.revision, recorded, envelope, decoded: null, fault: reasonOf(error) };
  }
};

/**
 * The events of a stream at these revisions, in one read for each run of neighbours: how the bodies of a page of public
 * events are fetched. A revision that the stream does not have is left out.
 */
export const readRevisions = async (
  store: EventStore,
  stream: string,
  revisions: readonly number[],
): Promise<Map<number, RecordedEvent>> => {
  const found = new Map<number, RecordedEvent>();
  const wanted = new Set(revisions);
  await Promise.all(runsOf(revisions).map(([from, to]) => readRun(store, stream, from, to, wanted, found)));
  return found;
};

/** Neighbours further apart than this are read apart: what lies between is read in vain. */
const NEAR = 16;

const runsOf = (revisions: readonly number[]): [from: number, to: number][] => {
  const runs: [number, number][] = [];
  for (const revision of [...new Set(revisions)].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last !== undefined && revision - last[1] <= NEAR) last[1] = revision;
    else runs.push([revision, revision]);
  }
  return runs;
};

const readRun = async (
  store: EventStore,
  stream: string,
  from: number,
  to: number,
  wanted: ReadonlySet<number>,
  found: Map<number, RecordedEvent>,
): Promise<void> => {
  for await (const page of store.read(stream, from, to - from + 1)) {
    for (const event of page) if (wanted.has(event.revision)) found.set(event.revision, event);
    if ((page.at(-1)?.revision ?? to) >= to) return;
  }
};

import { AppendRefused, MAX_APPEND_BYTES, NO_STREAM } from './event-store.js';
import type { NewEvent, StreamAppend } from './event-store.js';

/** SHA-256. */
export const HASH_BYTES = 32;

/** `{"hash":"<64 hex digits>"}`: what an event costs beside its payload, counted alike on every adapter. */
export const METADATA_BYTES = 75;

const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
// PostgreSQL cannot hold a NUL and EventStoreDB keeps names that begin with `$` for itself, so names are kept to what
// every store holds unchanged.
const NAME = /^(?!\$)[\x21-\x7e]{1,200}$/;

/** Bytes that an event counts towards `MAX_APPEND_BYTES`: for whoever fills a batch up to the limit. */
export function appendBytes(event: NewEvent): number {
  return event.payload.length + METADATA_BYTES;
}

/**
 * Throws `AppendRefused` for what no store may be asked to write. Every adapter calls it first, so that a defect of the
 * caller shows in the tests on the memory adapter and not only in production.
 */
export function checkAppends(appends: readonly StreamAppend[]): void {
  const streams = new Set<string>();
  for (const append of appends) {
    if (streams.has(append.stream)) throw new AppendRefused(`stream ${append.stream} stands twice in one call`);
    streams.add(append.stream);
    checkAppend(append);
  }
}

function checkAppend({ stream, expectedRevision, expectedHash, events }: StreamAppend): void {
  if (!NAME.test(stream)) throw new AppendRefused(`${JSON.stringify(stream)} is no stream name`);
  if (!Number.isSafeInteger(expectedRevision) || expectedRevision < NO_STREAM)
    throw new AppendRefused(`${expectedRevision} is no revision (${stream})`);
  if (expectedHash.length !== HASH_BYTES) throw new AppendRefused(`expected hash of ${stream} has not 32 bytes`);
  if (events.length === 0) throw new AppendRefused(`no events for ${stream}`);

  const ids = new Set<string>();
  let bytes = 0;
  for (const event of events) {
    checkEvent(stream, event);
    // EventStoreDB would write both, and then take every later resend for a success whatever it holds.
    if (ids.has(event.id)) throw new AppendRefused(`event id ${event.id} stands twice in one append to ${stream}`);
    ids.add(event.id);
    bytes += appendBytes(event);
  }
  if (bytes > MAX_APPEND_BYTES)
    throw new AppendRefused(`append to ${stream} is ${bytes} bytes, the limit is ${MAX_APPEND_BYTES}`);
}

function checkEvent(stream: string, event: NewEvent): void {
  if (!ULID.test(event.id)) throw new AppendRefused(`${JSON.stringify(event.id)} is no event id (${stream})`);
  if (!NAME.test(event.type)) throw new AppendRefused(`${JSON.stringify(event.type)} is no event type (${stream})`);
  if (event.hash.length !== HASH_BYTES) throw new AppendRefused(`hash of event ${event.id} has not 32 bytes`);
}

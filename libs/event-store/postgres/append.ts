import type { AppendResult, StreamAppend } from '../event-store.js';

/** A named statement: parsed once for each connection, so an append is one round trip. */
export interface AppendStatement {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** One row for each stream of the call, in order. */
export interface AppendRow {
  readonly outcome: 'a' | 'c';
  readonly revision: string;
  readonly position: string;
}

const TEXT =
  'SELECT outcome, revision, position FROM event_store.append($1::text[], $2::bigint[], $3::bytea, $4::int[], ' +
  '$5::int[], $6::text[], $7::text[], $8::int[], $9::int[], $10::bytea, $11::bytea)';

/**
 * Bytes go as one parameter for all events, in binary, and are cut apart by the server: an array of byte strings would be
 * sent as hexadecimal text, twice as long, and parsed again.
 */
export function appendStatement(appends: readonly StreamAppend[]): AppendStatement {
  const eventStreams: number[] = [];
  const offsets: number[] = [];
  const lengths: number[] = [];
  const events = appends.flatMap((append) => append.events);
  let offset = 1;
  for (const [i, append] of appends.entries()) {
    for (const event of append.events) {
      eventStreams.push(i + 1);
      offsets.push(offset);
      lengths.push(event.payload.length);
      offset += event.payload.length;
    }
  }
  return {
    name: 'event_store.append',
    text: TEXT,
    values: [
      literal(appends.map((append) => append.stream)),
      literal(appends.map((append) => append.expectedRevision)),
      Buffer.concat(appends.map((append) => append.expectedHash)),
      literal(appends.map((append) => append.events.length)),
      literal(eventStreams),
      literal(events.map((event) => event.id)),
      literal(events.map((event) => event.type)),
      literal(offsets),
      literal(lengths),
      Buffer.concat(events.map((event) => event.payload)),
      Buffer.concat(events.map((event) => event.hash)),
    ],
  };
}

export function appendResults(rows: readonly AppendRow[]): AppendResult[] {
  return rows.map((row) =>
    row.outcome === 'a'
      ? { outcome: 'appended', revision: Number(row.revision), position: row.position }
      : { outcome: 'conflict', actualRevision: Number(row.revision) },
  );
}

/** Array literal. Names were checked to be visible ASCII, so only quotes and backslashes need care. */
function literal(values: readonly (string | number)[]): string {
  return `{${values.map((value) => (typeof value === 'number' ? value : quoted(value))).join(',')}}`;
}

function quoted(value: string): string {
  return `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
}

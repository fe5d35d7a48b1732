import type { NewEvent } from './event-store.js';

/**
 * Whether what is stored is what was sent: ids *and* bytes, in order. By ids alone an append with other bytes under known
 * ids would be acknowledged though it was never written.
 */
export function sameEvents(sent: readonly NewEvent[], stored: readonly NewEvent[]): boolean {
  return sent.length === stored.length && sent.every((event, i) => sameEvent(event, stored[i]!));
}

function sameEvent(a: NewEvent, b: NewEvent): boolean {
  return a.id === b.id && a.type === b.type && sameBytes(a.payload, b.payload) && sameBytes(a.hash, b.hash);
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

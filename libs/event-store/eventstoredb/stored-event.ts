import { binaryEvent } from '@eventstore/db-client';
import type { EventData, Position as ServerPosition } from '@eventstore/db-client';
import { ulidToUUID, uuidToULID } from 'ulid';
import { HASH_BYTES } from '../check-appends.js';
import type { NewEvent, RecordedEvent } from '../event-store.js';
import { formatPosition } from './position.js';

/** An event as the client hands it over, from a stream or from `$all`. */
export interface ServerEvent {
  readonly id: string;
  readonly type: string;
  readonly streamId: string;
  readonly revision: bigint;
  readonly data: unknown;
  readonly metadata?: unknown;
  readonly position?: ServerPosition;
}

/**
 * The payload is the event's data, byte for byte. Metadata is JSON, because the client parses it as JSON on reading
 * whenever it can: bytes that happen to be `12` would come back as a number.
 */
export function toServer(event: NewEvent): EventData {
  return binaryEvent({
    id: ulidToUUID(event.id),
    type: event.type,
    data: event.payload,
    metadata: { hash: Buffer.from(event.hash).toString('hex') },
  });
}

/**
 * What somebody else wrote into one of our streams comes through as it is, with an empty hash: whoever checks the chain
 * shall find it and park that one tenant, and not everything that is read together with it.
 */
export function fromServer(event: ServerEvent): RecordedEvent {
  const payload = bytesOf(event.data);
  return {
    id: uuidToULID(event.id),
    type: event.type,
    payload,
    text: Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8'),
    hash: hashOf(event.metadata),
    stream: event.streamId,
    revision: Number(event.revision),
    position: event.position ? formatPosition(event.position) : '',
  };
}

function bytesOf(data: unknown): Uint8Array {
  if (data instanceof Uint8Array) return data;
  return Buffer.from(typeof data === 'string' ? data : JSON.stringify(data));
}

function hashOf(metadata: unknown): Uint8Array {
  const hex = typeof metadata === 'object' && metadata !== null && 'hash' in metadata ? metadata.hash : '';
  const hash = Buffer.from(typeof hex === 'string' ? hex : '', 'hex');
  return hash.length === HASH_BYTES ? hash : new Uint8Array(0);
}

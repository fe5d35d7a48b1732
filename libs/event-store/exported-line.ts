import type { RecordedEvent } from './event-store.js';

/**
 * One event as an export and `GET /v1/ledger/events` tell it (`docs/export-format.md`): the stored envelope, to the byte, with
 * its hash put in as the last member, and a line feed.
 */
export const exportedLine = ({ payload, hash }: Pick<RecordedEvent, 'payload' | 'hash'>): string =>
  `${Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength - 1).toString('utf8')},"hash":"${Buffer.from(hash).toString('hex')}"}\n`;

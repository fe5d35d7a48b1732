import type { RecordedEvent } from './event-store.js';

/**
 * One event as an export and `GET /v1/ledger/events` tell it (`docs/export-format.md`): the stored envelope, to the byte, with
 * its hash put in as the last member, and a line feed.
 */
export const exportedLine = (event: Pick<RecordedEvent, 'text' | 'hash'>): string =>
  `${event.text.slice(0, -1)},"hash":"${Buffer.from(event.hash).toString('hex')}"}\n`;

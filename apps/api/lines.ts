import { Readable } from 'node:stream';
import { NDJSON } from '#contract/audit-operations.js';
import type { CallRequest } from '#platform/http/call.js';

/** Whether a caller would rather have lines than a list. */
export const wantsLines = ({ headers }: CallRequest): boolean => headers.accept?.includes(NDJSON) === true;

/**
 * Answers with what comes, piece by piece, as fast as the caller takes it: no more than two pieces are in memory. A piece is
 * whole lines. Where it breaks off the connection is cut, so that nobody takes a part for the whole.
 */
export const lines = ({ call }: CallRequest, pieces: AsyncIterable<string>): Readable => {
  void call.reply.header('content-type', NDJSON).header('cache-control', 'no-store');
  return Readable.from(pieces, { highWaterMark: 1 });
};

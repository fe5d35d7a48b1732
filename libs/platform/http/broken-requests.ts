import type { Socket } from 'node:net';
import { NEWEST_API_VERSION } from '#contract/api-versions.js';
import { errorBody, statusOf, type ErrorCode } from '#contract/problems.js';
import { newRequestId } from './request-ids.js';

const REASONS: Readonly<Record<number, string>> = { 400: 'Bad Request', 431: 'Request Header Fields Too Large' };

const codeOf = (error: NodeJS.ErrnoException): ErrorCode =>
  error.code === 'HPE_HEADER_OVERFLOW' ? 'headers_too_large' : 'malformed_request';

/** Answers what Node could not read as a request, in the same envelope as everything else, and hangs up. */
export const refuseConnection = (
  error: NodeJS.ErrnoException,
  socket: Socket,
  base: string,
  versionHeader: string,
): void => {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const code = codeOf(error);
  const status = statusOf(code);
  const requestId = newRequestId();
  const body = JSON.stringify({ error: errorBody(code, {}, requestId, base) });
  socket.end(
    `HTTP/1.1 ${status} ${REASONS[status]}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nRequest-Id: ${requestId}\r\n` +
      `${versionHeader}: ${NEWEST_API_VERSION}\r\nConnection: close\r\n\r\n${body}`,
  );
};

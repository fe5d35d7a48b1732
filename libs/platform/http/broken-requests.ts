import { METHODS } from 'node:http';
import type { Socket } from 'node:net';
import { NEWEST_API_VERSION } from '#contract/api-versions.js';
import { errorBody, statusOf, type ErrorCode } from '#contract/problems.js';
import { varyOf } from './answer.js';
import { methodsAt } from './path-index.js';
import { newRequestId } from './request-ids.js';

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  431: 'Request Header Fields Too Large',
};

type ParserError = NodeJS.ErrnoException & { readonly rawPacket?: Buffer };

interface Refusal {
  readonly code: ErrorCode;
  /** The methods that the path takes. */
  readonly allow?: string;
}

const REQUEST_LINE = /^([!#$%&'*+.^_`|~\w-]+) (\/[^\s?#]*)\S* HTTP\/1\.[01]\r?\n/;
const LONGEST_LINE = 4_096;

/** A request whose only fault is a method that Node has never heard of gets the answer of any method that is not taken. */
const refusalOf = ({ code, rawPacket }: ParserError): Refusal => {
  if (code === 'HPE_HEADER_OVERFLOW') return { code: 'headers_too_large' };
  if (code !== 'HPE_INVALID_METHOD' || rawPacket === undefined) return { code: 'malformed_request' };
  const [, method = '', path = ''] = REQUEST_LINE.exec(rawPacket.toString('latin1', 0, LONGEST_LINE)) ?? [];
  // A known method stands in the first line of a packet whose later line was the bad one.
  if (method === '' || METHODS.includes(method)) return { code: 'malformed_request' };
  const methods = methodsAt(path);
  return methods.length === 0 ? { code: 'route_not_found' } : { code: 'method_not_allowed', allow: methods.join(', ') };
};

/** Answers what Node could not read as a request, in the same envelope as everything else, and hangs up. */
export const refuseConnection = (error: ParserError, socket: Socket, base: string, versionHeader: string): void => {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { code, allow } = refusalOf(error);
  const status = statusOf(code);
  const requestId = newRequestId();
  const body = JSON.stringify({ error: errorBody(code, {}, requestId, base) });
  socket.end(
    `HTTP/1.1 ${status} ${REASONS[status]}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nRequest-Id: ${requestId}\r\n` +
      `${versionHeader}: ${NEWEST_API_VERSION}\r\nVary: ${varyOf(versionHeader)}\r\n` +
      `${allow === undefined ? '' : `Allow: ${allow}\r\n`}Connection: close\r\n\r\n${body}`,
  );
};

/** What must hold of a request's head, whatever it asks for; what Node and Fastify do not check, or answer in their own words. */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { ErrorCode } from '#contract/problems.js';

/** Names stand at the even places. `name` in lower case. */
const timesSent = (rawHeaders: readonly string[], name: string): number => {
  let times = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const sent = rawHeaders[i] as string;
    if (sent.length === name.length && sent.toLowerCase() === name) times++;
  }
  return times;
};

/** HTTP/1.1 wants exactly one Host (RFC 9112, 3.2), and lets an expectation be refused (RFC 9110, 10.1.1). */
export const headFault = ({ httpVersion, headers, rawHeaders }: IncomingMessage): ErrorCode | null => {
  if (httpVersion !== '1.1') return null;
  if (timesSent(rawHeaders, 'host') !== 1) return 'malformed_request';
  const { expect } = headers;
  return expect === undefined || expect.toLowerCase() === '100-continue' ? null : 'expectation_failed';
};

const CHARSET = /;\s*charset\s*=\s*("?)([^";]*)\1/gi;

/**
 * Whether a body is of a kind that is read here: not compressed, in UTF-8, and of one type only. Node keeps the first of two
 * types, where a proxy may have looked at the last. That the type is JSON, Fastify checks.
 */
export const isReadable = ({ headers, rawHeaders }: IncomingMessage): boolean => {
  const { 'content-encoding': encoding, 'content-type': type } = headers;
  if (encoding !== undefined && encoding.trim().toLowerCase() !== 'identity') return false;
  if (type === undefined) return true;
  if (timesSent(rawHeaders, 'content-type') > 1) return false;
  return [...type.matchAll(CHARSET)].every(([, , name = '']) => /^utf-?8$/i.test(name.trim()));
};

/**
 * Where a request comes from: the connection's other end or, where that is a proxy which is trusted, whoever it forwards for
 * (Fastify goes through `X-Forwarded-For` from its end to the first that is no such proxy). What is no address there is not
 * believed either.
 */
export const clientAddress = ({
  ip,
  socket,
}: {
  readonly ip: string;
  readonly socket: { readonly remoteAddress?: string | undefined };
}): string | null => (isIP(ip) === 0 ? (socket.remoteAddress ?? null) : ip);

import { EventStoreDBClient } from '@eventstore/db-client';
import type { Credentials } from '@eventstore/db-client';
import { withDeadline } from '../deadline.js';

export interface Connection {
  readonly client: EventStoreDBClient;
  readonly credentials: Credentials;
  close(): Promise<void>;
}

/** What is used of the client beyond its types. */
interface ClientInternals {
  handleError(client: unknown, error: Error): Promise<void>;
  getChannel(): Promise<{ close(): void }>;
}

const KEEP_ALIVE_MS = 10_000;
let connections = 0;

/**
 * A client on an HTTP/2 connection of its own, from a connection string `esdb://…` (`esdb+discover://…` for a cluster).
 * Without TLS the server asks for no credentials; with it they are needed, in the string or as `credentials`.
 */
export function connect(url: string, credentials: Credentials | undefined): Connection {
  const known =
    credentials ?? credentialsOf(url) ?? (isInsecure(url) ? { username: 'nobody', password: '' } : undefined);
  if (!known) throw new Error('EventStoreDB over TLS needs credentials: esdb://user:password@host:port');
  const client = EventStoreDBClient.connectionString(withOwnConnection(url));
  const internals = client as unknown as ClientInternals;
  // The client calls this and lets the promise go. It rejects when no node of a cluster is found, and an unhandled
  // rejection ends the process.
  const handleError = internals.handleError;
  internals.handleError = (failed, error) => handleError(failed, error).catch(() => undefined);
  return {
    client,
    credentials: known,
    close: async () => {
      const channel = await withDeadline(internals.getChannel(), 1_000, 'closing').catch(() => undefined);
      channel?.close();
    },
  };
}

/**
 * gRPC shares one HTTP/2 connection among all clients of a process that have the same settings, and a server allows 100
 * calls on it: beyond that every call waits, without an error. Settings that differ by a millisecond keep followers from
 * stalling appends.
 */
function withOwnConnection(url: string): string {
  const [address = '', query = ''] = url.trim().split('?');
  const settings = query.split('&').filter((setting) => setting !== '');
  const isKeepAlive = (setting: string): boolean => /^keep[-_]?alive[-_]?interval=/i.test(setting);
  const given = settings.find(isKeepAlive);
  const interval = given === undefined ? KEEP_ALIVE_MS : Number(given.split('=')[1]);
  if (interval < 0) return url;
  connections += 1;
  const own = `keepAliveInterval=${interval + (connections % 1_000)}`;
  return `${address}?${[...settings.filter((setting) => !isKeepAlive(setting)), own].join('&')}`;
}

function credentialsOf(url: string): Credentials | undefined {
  const found = /^[^:]+:\/\/([^:@/]+):([^@/]*)@/.exec(url.trim());
  return found ? { username: decodeURIComponent(found[1]!), password: decodeURIComponent(found[2]!) } : undefined;
}

function isInsecure(url: string): boolean {
  return /[?&]tls=false(&|$)/i.test(url.trim());
}

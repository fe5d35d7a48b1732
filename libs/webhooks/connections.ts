import http from 'node:http';
import { connect, isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { performance } from 'node:perf_hooks';
import { addressesOf, type HostAndPort, hostOf, nameServers, portOf, type ResolveName } from './egress.js';

/** What opening a connection took, in ms; null where that step was not needed or not reached. */
export interface OpeningTimings {
  dnsMs: number | null;
  connectMs: number | null;
  tlsMs: number | null;
}

/** One opening of a connection, as it goes on. */
export interface Opening {
  readonly url: URL;
  /** Ends it. */
  readonly signal: AbortSignal;
  readonly timings: OpeningTimings;
  /** The address that is connected to. */
  address: string | null;
  /** Is called when the addresses are known and connecting begins. */
  readonly onConnecting: () => void;
}

/** The certificate is not good for the name, or no encrypted connection came about. */
export class TlsFailed extends Error {
  override readonly name = 'TlsFailed';
}

export interface EgressOptions {
  /** Hosts that are let through whatever address they have, over plain HTTP too: `DAYBOOK_WEBHOOK_ALLOW`. */
  readonly allow: readonly HostAndPort[];
  /** The machine's name servers unless given. */
  readonly resolveName?: ResolveName;
  /** Certificates in PEM that are trusted instead of Node's own. (To add some, there is NODE_EXTRA_CA_CERTS.) */
  readonly ca?: string;
}

/** Consumers commonly end an idle connection after 5 s; what is taken up again just then is lost. */
const IDLE_MS = 4_000;
const IDLE_PER_HOST = 16;
/** Of a name with many addresses the first few are tried, each for so long while there are more. */
const MAX_ADDRESSES = 4;
const NEXT_ADDRESS_MS = 3_000;

/**
 * Opens and keeps connections to consumers. Nothing else does, so that no delivery gets around the guard: an address is
 * judged here, and the socket is opened to that very address. No proxy is used, whatever the environment says.
 */
export class Egress {
  readonly #plain: GuardedAgent;
  readonly #encrypted: GuardedAgent;

  constructor(private readonly options: EgressOptions) {
    this.#plain = new GuardedAgent('http:', options);
    this.#encrypted = new GuardedAgent('https:', options);
  }

  get allow(): readonly HostAndPort[] {
    return this.options.allow;
  }

  agentOf(url: URL): http.Agent {
    return url.protocol === 'https:' ? this.#encrypted : this.#plain;
  }

  /** Ends idle connections and those in use. */
  close(): void {
    this.#plain.destroy();
    this.#encrypted.destroy();
  }
}

type RequestOptions = http.ClientRequestArgs & { readonly opening?: Opening };
type Opened = (error: Error | null, socket: Duplex) => void;

class GuardedAgent extends http.Agent {
  readonly #resolveName: ResolveName;

  constructor(
    /** Node compares it with the request's. */
    readonly protocol: 'http:' | 'https:',
    private readonly egress: EgressOptions,
  ) {
    super({ keepAlive: true, maxFreeSockets: IDLE_PER_HOST, timeout: IDLE_MS });
    this.#resolveName = egress.resolveName ?? nameServers();
  }

  /** Node asks for a socket here. */
  override createConnection({ opening }: RequestOptions, opened?: Opened): undefined {
    const socket = opening === undefined ? Promise.reject(new Error('only deliveries are sent')) : this.#open(opening);
    socket.then(
      (made) => opened?.(null, made),
      (error: Error) => opened?.(error, undefined as unknown as Socket),
    );
  }

  async #open(opening: Opening): Promise<Socket> {
    const { url, timings } = opening;
    const asked = performance.now();
    const addresses = await addressesOf(url, this.egress.allow, this.#resolveName);
    if (isIP(hostOf(url)) === 0) timings.dnsMs = since(asked);
    opening.signal.throwIfAborted();
    opening.onConnecting();
    const socket = await firstOf(addresses.slice(0, MAX_ADDRESSES), opening);
    return this.protocol === 'https:' ? encrypted(socket, opening, this.egress) : socket;
  }
}

const since = (start: number): number => performance.now() - start;

/** A connection to the first address that takes one. */
const firstOf = async (addresses: readonly string[], opening: Opening): Promise<Socket> => {
  for (const [i, address] of addresses.entries()) {
    const isLast = i === addresses.length - 1;
    const start = performance.now();
    opening.address = address;
    try {
      const socket = connect({ host: address, port: portOf(opening.url), noDelay: true, keepAlive: true });
      await settled(socket, 'connect', opening.signal, isLast ? null : NEXT_ADDRESS_MS);
      opening.timings.connectMs = since(start);
      return socket;
    } catch (error) {
      if (isLast || opening.signal.aborted) throw error;
    }
  }
  throw new RangeError('there is no address');
};

const encrypted = async (socket: Socket, opening: Opening, { ca }: EgressOptions): Promise<Socket> => {
  const host = hostOf(opening.url);
  const start = performance.now();
  const secure = tls.connect({
    socket,
    host,
    servername: isIP(host) === 0 ? host : '',
    // Also where NODE_TLS_REJECT_UNAUTHORIZED is 0.
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['http/1.1'],
    ca,
  });
  try {
    await settled(secure, 'secureConnect', opening.signal, null);
  } catch (error) {
    if (opening.signal.aborted) throw error;
    throw new TlsFailed((error as Error).message, { cause: error });
  }
  opening.timings.tlsMs = since(start);
  return secure;
};

/** Waits for a socket's event, and destroys the socket where that does not come. */
const settled = (
  socket: Socket,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
  limitMs: number | null,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = limitMs === null ? undefined : setTimeout(() => end(new Error('it does not answer')), limitMs);
    const end = (error: Error | null): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
      socket.off(event, reached).off('error', end).off('close', closed);
      if (error === null) return resolve();
      socket.on('error', () => undefined).destroy();
      reject(error);
    };
    const reached = (): void => end(null);
    const closed = (): void => end(new Error('the connection was closed'));
    const aborted = (): void => end(signal.reason as Error);
    socket.once(event, reached).once('error', end).once('close', closed);
    signal.addEventListener('abort', aborted, { once: true });
    if (signal.aborted) aborted();
  });

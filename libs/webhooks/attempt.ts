import { setMaxListeners } from 'node:events';
import http from 'node:http';
import { performance } from 'node:perf_hooks';
import type { Socket } from 'node:net';
import { type Egress, type Opening, type OpeningTimings, TlsFailed } from './connections.js';
import { AddressRefused, judgeUrl, NameUnresolved } from './egress.js';
import { classOfStatus, type Outcome, retryAfterMs } from './schedule.js';

/** From the begin of connecting to the last byte of the answer. */
export const ATTEMPT_DEADLINE_MS = 15_000;
/** For resolving the name, before that. */
const RESOLVING_LIMIT_MS = 5_000;
/** What is kept of an answer, in bytes of UTF-8. */
export const EXCERPT_BYTES = 16_384;
/** What is read of an answer: whatever is longer is cut off, and its status counts. */
export const ANSWER_LIMIT_BYTES = 65_536;
/** How often a connection that was closed while it lay idle is replaced. */
const STALE_CONNECTIONS = 3;
/**
 * So much of the deadline: what is closed later was held open by a consumer that was asked. All tries together end before a
 * delivery's lease does.
 */
const STALE_WITHIN = 0.1;

/** Why there is no whole answer. Beside the sentence it is told to the tenant. */
export type Failure =
  | 'timeout'
  | 'name_unresolved'
  | 'address_refused'
  | 'connection_refused'
  | 'connection_failed'
  | 'connection_closed'
  | 'tls_failed'
  | 'invalid_answer'
  | 'invalid_request'
  /** Nothing was sent, for a reason on this side: an event or a secret that can't be read. */
  | 'unsendable';

export interface AttemptTimings extends Readonly<OpeningTimings> {
  /** From the request being sent to the first byte of the answer; null where none came. */
  readonly firstByteMs: number | null;
  readonly totalMs: number;
}

export interface Attempt {
  /** For `nextAttempt`. */
  readonly outcome: Outcome;
  /** Null where the answer came. */
  readonly failure: Failure | null;
  /** What happened, for whoever looks at the delivery; null where the status says it. */
  readonly detail: string | null;
  readonly status: number | null;
  /** Of the answer, names in lower case; empty where there was none. */
  readonly answerHeaders: Readonly<Record<string, string>>;
  /** The beginning of the answer as text that any database takes; at most `EXCERPT_BYTES` of UTF-8. */
  readonly excerpt: string;
  /** How many bytes of the answer's body were read. */
  readonly answerBytes: number;
  /** The answer was longer than what is read of one. */
  readonly isCut: boolean;
  /** The address that was connected to; null where none was, or where a connection was used again. */
  readonly address: string | null;
  /** In ms; dns, connect and TLS are null where a connection was used again. */
  readonly timings: AttemptTimings;
}

export interface AttemptRequest {
  readonly url: string;
  /** What is sent beside the body, as it was signed. Names are checked when an endpoint is registered. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly egress: Egress;
  /** Ends the attempt without an outcome, as when the process stops. */
  readonly signal?: AbortSignal;
  /** `ATTEMPT_DEADLINE_MS` but for tests. */
  readonly deadlineMs?: number;
}

/**
 * Sends once and says how it went; redirects are not followed. Whatever a consumer does is an outcome. Rejects only where
 * `signal` is aborted, with its reason: the consumer may then have the delivery.
 */
export const attemptDelivery = async (request: AttemptRequest): Promise<Attempt> => {
  const judged = judgeUrl(request.url, request.egress.allow);
  if (!judged.isAllowed)
    return new Sending(request, new URL('https://invalid')).failed(new AddressRefused(judged.reason));
  const staleUntil = performance.now() + STALE_WITHIN * (request.deadlineMs ?? ATTEMPT_DEADLINE_MS);
  for (let tries = 1; ; tries += 1) {
    request.signal?.throwIfAborted();
    const sending = new Sending(request, judged.url);
    const attempt = await sending.run();
    request.signal?.throwIfAborted();
    if (!sending.wasStale || tries === STALE_CONNECTIONS || performance.now() > staleUntil) return attempt;
  }
};

/** Of what could not even be made. `isForGood`: trying again would come to the same. */
export const unsendable = (reason: string, isForGood: boolean): Attempt => ({
  outcome: isForGood ? { class: 'refused' } : { class: 'retry', retryAfterMs: null },
  failure: 'unsendable',
  detail: storable(reason, 500),
  status: null,
  answerHeaders: {},
  excerpt: '',
  answerBytes: 0,
  isCut: false,
  address: null,
  timings: { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null, totalMs: 0 },
});

class Sending {
  /** The connection had been used before and was closed without an answer: nobody was asked. */
  wasStale = false;
  readonly #start = performance.now();
  readonly #ending = new AbortController();
  readonly #opening: Opening;
  readonly #chunks: Buffer[] = [];
  #sent: number | null = null;
  #firstByteMs: number | null = null;
  #answer: http.IncomingMessage | null = null;
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly request: AttemptRequest,
    private readonly url: URL,
  ) {
    this.#opening = {
      url,
      signal: this.#ending.signal,
      timings: { dnsMs: null, connectMs: null, tlsMs: null },
      address: null,
      onConnecting: () => this.#limit(request.deadlineMs ?? ATTEMPT_DEADLINE_MS),
    };
  }

  async run(): Promise<Attempt> {
    const { signal } = this.request;
    const stop = (): void => this.#ending.abort(signal?.reason);
    // One listener for each attempt that is under way is no leak of them.
    if (signal !== undefined) setMaxListeners(0, signal);
    signal?.addEventListener('abort', stop, { once: true });
    this.#limit(Math.min(RESOLVING_LIMIT_MS, this.request.deadlineMs ?? RESOLVING_LIMIT_MS));
    try {
      const isCut = await this.#exchange();
      return this.#answered(isCut);
    } catch (error) {
      return this.failed(error);
    } finally {
      clearTimeout(this.#timer);
      signal?.removeEventListener('abort', stop);
    }
  }

  #limit(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ending.abort(new TimedOut(ms)), ms);
  }

  /** Resolves when the answer is there; true: it was cut. */
  #exchange(): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const { signal } = this.#ending;
      // Throws for headers that no HTTP has; then the promise rejects.
      const sent = http.request(this.#options());
      const fail = (error: Error): void => {
        reject(signal.aborted ? (signal.reason as Error) : error);
        sent.destroy();
      };
      signal.addEventListener('abort', () => fail(signal.reason as Error), { once: true });
      sent.on('socket', (socket) => this.#onSocket(socket, sent));
      sent.on('error', (error) => {
        this.wasStale = sent.reusedSocket && this.#firstByteMs === null && !signal.aborted;
        fail(error);
      });
      sent.on('close', () => fail(new ClosedEarly()));
      sent.on('response', (answer) => {
        this.#answer = answer;
        answer.on('data', (chunk: Buffer) => {
          this.#take(chunk);
          if (this.#bytes <= ANSWER_LIMIT_BYTES) return;
          resolve(true);
          sent.destroy();
        });
        answer.on('end', () => (answer.complete ? resolve(false) : fail(new ClosedEarly())));
        answer.on('error', fail);
      });
      sent.end(this.request.body);
    });
  }

  #options(): http.RequestOptions & { readonly opening: Opening } {
    const { url } = this;
    return {
      method: 'POST',
      protocol: url.protocol,
      hostname: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port,
      path: `${url.pathname}${url.search}`,
      agent: this.request.egress.agentOf(url),
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'user-agent': 'Daybook-Webhooks/1',
        ...this.request.headers,
        // Nothing is unpacked, so that a few bytes can't become gigabytes.
        'accept-encoding': 'identity',
        'content-length': String(this.request.body.length),
      },
      opening: this.#opening,
    };
  }

  #onSocket(socket: Socket, sent: http.ClientRequest): void {
    if (sent.reusedSocket) this.#opening.onConnecting();
    this.#sent = performance.now();
    const first = (): void => {
      this.#firstByteMs = performance.now() - (this.#sent as number);
    };
    socket.once('data', first);
    sent.once('close', () => socket.off('data', first));
  }

  #take(chunk: Buffer): void {
    if (this.#bytes < EXCERPT_BYTES) this.#chunks.push(chunk.subarray(0, EXCERPT_BYTES - this.#bytes));
    this.#bytes += chunk.length;
  }

  #answered(isCut: boolean): Attempt {
    const { statusCode, headers } = this.#answer as http.IncomingMessage;
    const kind = classOfStatus(statusCode as number);
    const asked = retryAfterMs(headers['retry-after'], Date.now());
    return {
      ...this.#seen(isCut),
      outcome: kind === 'retry' ? { class: kind, retryAfterMs: asked } : { class: kind },
      failure: null,
      detail: statusCode !== undefined && statusCode >= 300 && statusCode <= 399 ? 'redirects are not followed' : null,
    };
  }

  failed(error: unknown): Attempt {
    const failure = failureOf(error);
    // What can't be sent can't be sent later, either.
    const outcome = { class: failure === 'invalid_request' ? 'refused' : 'retry', retryAfterMs: null } as const;
    return { ...this.#seen(false), outcome, failure, detail: storable((error as Error).message, 500) };
  }

  #seen(isCut: boolean): Omit<Attempt, 'outcome' | 'failure' | 'detail'> {
    return {
      status: this.#answer?.statusCode ?? null,
      answerHeaders: headersOf(this.#answer),
      excerpt: storable(Buffer.concat(this.#chunks).toString('utf8'), EXCERPT_BYTES),
      answerBytes: this.#bytes,
      isCut,
      address: this.#opening.address,
      timings: {
        ...this.#opening.timings,
        firstByteMs: this.#firstByteMs,
        totalMs: performance.now() - this.#start,
      },
    };
  }
}

class TimedOut extends Error {
  constructor(ms: number) {
    super(`there was no whole answer within ${ms / 1_000} s`);
  }
}

class ClosedEarly extends Error {
  constructor() {
    super('the connection was closed before the answer was whole');
  }
}

const failureOf = (error: unknown): Failure => {
  if (error instanceof TimedOut) return 'timeout';
  if (error instanceof AddressRefused) return 'address_refused';
  if (error instanceof NameUnresolved) return 'name_unresolved';
  if (error instanceof TlsFailed) return 'tls_failed';
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code === 'ECONNREFUSED') return 'connection_refused';
  if (error instanceof ClosedEarly || code === 'ECONNRESET' || code === 'EPIPE') return 'connection_closed';
  if (code.startsWith('HPE_')) return 'invalid_answer';
  return code.startsWith('ERR_') ? 'invalid_request' : 'connection_failed';
};

/** Text that PostgreSQL takes: no NUL, at most so many bytes of UTF-8, no character cut in two. */
const storable = (text: string, bytes: number): string => {
  const clean = text.replaceAll('\u0000', '\ufffd');
  const { read } = new TextEncoder().encodeInto(clean, new Uint8Array(bytes));
  return clean.slice(0, read);
};

const HEADERS_KEPT_BYTES = 4_096;

const headersOf = (answer: http.IncomingMessage | null): Readonly<Record<string, string>> => {
  const kept: Record<string, string> = {};
  let left = HEADERS_KEPT_BYTES;
  for (const [name, value] of Object.entries(answer?.headers ?? {})) {
    const text = storable(Array.isArray(value) ? value.join(', ') : (value ?? ''), left);
    left -= Buffer.byteLength(name) + Buffer.byteLength(text);
    if (left < 0) break;
    kept[name] = text;
  }
  return kept;
};

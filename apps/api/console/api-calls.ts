import { hash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { NEWEST_API_VERSION } from '#contract/api-versions.js';

/** What the API refused with. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly param: string | null;
  readonly requestId: string | null;
}

export type Answer<T> =
  | { readonly refusal: null; readonly body: T; /** Of what was read. */ readonly revision: number | null }
  | { readonly refusal: Refusal };

/** Ends a page's making: what it is of can't be shown. */
export class Refused extends Error {
  override readonly name = 'Refused';
  constructor(readonly refusal: Refusal) {
    super(refusal.message);
  }
}

/** Ends a page's making: what was asked for is elsewhere. */
export class Redirected extends Error {
  override readonly name = 'Redirected';
  /** `place`: a path of the console. */
  constructor(readonly place: string) {
    super(`see ${place}`);
  }
}

/** The answer's body. Throws `Refused`. */
export const bodyOf = <T>(answer: Answer<T>): T => {
  if (answer.refusal !== null) throw new Refused(answer.refusal);
  return answer.body;
};

export type Query = Readonly<Record<string, string | number | null | undefined>>;

export interface Caller {
  /** Empty: nobody. */
  readonly bearer: string;
  /** Where the console was called from. */
  readonly ip: string;
}

interface CallOptions {
  readonly query?: Query;
  readonly body?: object;
}

/** What comes through as it is: a file. */
export interface Passed {
  readonly status: number;
  readonly type: string;
  readonly stream: Readable;
}

type Inject = FastifyInstance['inject'];

interface ErrorBody {
  readonly error?: { code?: string; message?: string; param?: string | null; request_id?: string };
}

/**
 * Calls of the API's own routes in this process, each with its caller's credential: what the console shows has passed the
 * same door, rights, limits and versions as a client's call.
 */
export class ApiCalls {
  constructor(
    private readonly inject: () => Inject,
    private readonly versionHeader: string,
  ) {}

  get<T>(caller: Caller, path: string, query: Query = {}): Promise<Answer<T>> {
    return this.call<T>(caller, 'GET', path, { query });
  }

  async call<T>(
    caller: Caller,
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    { query = {}, body }: CallOptions,
  ): Promise<Answer<T>> {
    const response = await this.inject()({
      method,
      url: urlOf(path, query),
      remoteAddress: caller.ip,
      headers: { ...this.headersOf(caller), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });
    const isJson = String(response.headers['content-type']).startsWith('application/json');
    const told = (isJson ? JSON.parse(response.body) : response.body) as T & ErrorBody;
    if (response.statusCode >= 400) return { refusal: refusalIn(response.statusCode, told) };
    const revision = response.headers['ledger-revision'];
    return { refusal: null, body: told, revision: revision === undefined ? null : Number(revision) };
  }

  /** A file, as it comes. Throws `Refused`. */
  async file(caller: Caller, path: string, accept: string, query: Query = {}): Promise<Passed> {
    const response = await this.inject()({
      method: 'GET',
      url: urlOf(path, query),
      remoteAddress: caller.ip,
      headers: { ...this.headersOf(caller), accept },
      payloadAsStream: true,
    });
    const { statusCode: status, headers } = response;
    const stream = response.stream();
    if (status < 400) return { status, type: String(headers['content-type']), stream };
    const told = await gathered(stream);
    throw new Refused(refusalIn(status, JSON.parse(told) as ErrorBody));
  }

  private headersOf({ bearer }: Caller): Record<string, string> {
    return {
      [this.versionHeader]: NEWEST_API_VERSION,
      ...(bearer === '' ? {} : { authorization: `Bearer ${bearer}` }),
    };
  }
}

const urlOf = (path: string, query: Query): string => {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') params.append(name, String(value));
  }
  return params.size === 0 ? path : `${path}?${params}`;
};

const refusalIn = (status: number, { error = {} }: ErrorBody): Refusal => ({
  status,
  code: error.code ?? 'unknown',
  message: error.message ?? 'It could not be answered.',
  param: error.param ?? null,
  requestId: error.request_id ?? null,
});

const gathered = async (stream: Readable): Promise<string> => {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
};

export interface SessionTokens {
  readonly access_token: string;
  readonly expires_in: number;
  readonly refresh_token: string;
}

/** Longer than a browser takes to ask for several pages at once with one and the same cookie. */
const KEPT_MS = 60_000;

/**
 * The next access tokens. A refresh token that comes twice ends its session, and a browser with two windows may well send
 * one twice: whoever comes a little later gets what the first one got.
 */
export class Refreshing {
  readonly #under = new Map<string, Promise<Answer<SessionTokens>>>();

  constructor(private readonly calls: ApiCalls) {}

  next(ip: string, refreshToken: string): Promise<Answer<SessionTokens>> {
    const name = hash('sha256', refreshToken, 'base64url');
    const known = this.#under.get(name);
    if (known !== undefined) return known;
    const asked = this.calls.call<SessionTokens>({ bearer: '', ip }, 'POST', '/api/v1/auth/refresh', {
      body: { refresh_token: refreshToken },
    });
    const forget = (): void => void this.#under.delete(name);
    this.#under.set(name, asked);
    // What failed may be tried again.
    void asked.then(({ refusal }) => refusal && forget(), forget);
    setTimeout(forget, KEPT_MS).unref();
    return asked;
  }
}

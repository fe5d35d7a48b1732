import { Agent, request, type IncomingMessage } from 'node:http';
import { randomUUID } from 'node:crypto';
import { checkAnswer } from '../../apps/api/spec-answers.js';

export interface Answer<T = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: T;
}

/** A caller of the product over HTTP, with one credential and connections kept open. */
export class Client {
  private readonly agent: Agent;

  constructor(
    readonly baseUrl: string,
    private readonly credential: string,
    connections = 64,
  ) {
    this.agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  get<T = Record<string, unknown>>(path: string, headers: Record<string, string> = {}): Promise<Answer<T>> {
    return this.send<T>('GET', path, undefined, headers);
  }

  /** Reads what is true at a revision or later; a projector that is behind is asked again, for half a minute. */
  async getAt<T = Record<string, unknown>>(path: string, revision: string | number): Promise<Answer<T>> {
    const deadline = Date.now() + 30_000;
    for (;;) {
      const answer = await this.get<T>(path, { 'min-ledger-revision': String(revision) });
      if (answer.status !== 503 || Date.now() > deadline) return answer;
    }
  }

  /** Keyed with a fresh idempotency key unless the headers name one. */
  post<T = Record<string, unknown>>(
    path: string,
    body: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    return this.send<T>('POST', path, body, { 'idempotency-key': randomUUID(), ...headers });
  }

  send<T>(method: string, path: string, body: unknown, headers: Record<string, string>): Promise<Answer<T>> {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const call = request(
        `${this.baseUrl}${path}`,
        {
          method,
          agent: this.agent,
          headers: {
            authorization: `Bearer ${this.credential}`,
            ...(payload === undefined
              ? {}
              : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(payload)) }),
            ...headers,
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            try {
              resolve(answerOf<T>(method, path, response, Buffer.concat(chunks).toString('utf8')));
            } catch (error) {
              reject(error as Error);
            }
          });
        },
      );
      call.on('error', reject);
      call.end(payload);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}

/** Throws where it is not what its version's contract says. */
const answerOf = <T>(
  method: string,
  path: string,
  { statusCode: status = 0, headers }: IncomingMessage,
  text: string,
): Answer<T> => {
  const isJson = (headers['content-type'] ?? '').includes('application/json');
  if (text === '' || !isJson) return { status, headers, body: text as T };
  const body = JSON.parse(text) as T;
  checkAnswer(method, path, status, body, headers['qairopay-version']);
  return { status, headers, body };
};

/** The body, once the status is the expected one; otherwise an error that shows what came instead. */
export const expectStatus = <T>(answer: Answer<T>, status: number): T => {
  if (answer.status !== status) {
    throw new Error(`expected ${status}, got ${answer.status}: ${JSON.stringify(answer.body).slice(0, 600)}`);
  }
  return answer.body;
};

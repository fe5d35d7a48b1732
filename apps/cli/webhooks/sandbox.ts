/** A sandbox tenant of the running installation, as its developer and its operator call it. What must succeed throws. */
import { randomUUID } from 'node:crypto';
import type { Configuration } from '#platform/configuration.js';
import { readCredentials } from '../../standalone/credentials.js';
import { FoundWrong, UsedWrongly } from '../outcome.js';

export interface SandboxAccess {
  readonly baseUrl: string;
  readonly key: string;
}

/** The key given, else that of the sandbox tenant that the installation began with. Throws `UsedWrongly`. */
export const findSandbox = (configuration: Configuration, key: string | undefined): SandboxAccess => {
  const known = readCredentials(configuration.dataDir);
  const baseUrl = known?.base_url ?? `http://${configuration.host}:${configuration.port}`;
  const demo = known?.tenants.find(({ environment }) => environment === 'sandbox')?.api_key;
  const found = key ?? demo;
  if (found === undefined) {
    throw new UsedWrongly(`There is no sandbox tenant in ${configuration.dataDir}: name its key with --key.`);
  }
  if (found.startsWith('qp_sk_live_')) throw new UsedWrongly('This is for sandbox tenants, and the key is a live one.');
  return { baseUrl, key: found };
};

export interface ToldEvent {
  readonly id: string;
  readonly type: string;
  readonly sequence: number;
}

type Body = Record<string, unknown>;

const PATIENCE_MS = 20_000;

export class Sandbox {
  /** The newest revision that was written: what is read must have seen it. */
  private written = 0;

  constructor(
    private readonly access: SandboxAccess,
    /** With the rights to change tenants; null: there is none, and operators' acts can't be done. */
    private readonly operatorToken: string | null,
  ) {}

  async send(method: string, path: string, body?: object): Promise<Body> {
    return this.done(method, path, this.access.key, body);
  }

  /** Where the ledger is expected to refuse. */
  async refused(method: string, path: string, body: object): Promise<void> {
    const response = await this.call(method, path, this.access.key, body);
    if (response.status !== 422)
      throw new FoundWrong(`${method} ${path} answered ${response.status}, and 422 was meant`);
  }

  /** An operator's act on the tenant; the path goes on behind it. */
  async operate(method: string, path: string, body?: object): Promise<Body> {
    if (this.operatorToken === null) throw new UsedWrongly('This is an operator’s act: it needs the data folder.');
    const { id } = await this.tenant();
    return this.done(method, `/api/v1/admin/tenants/${id}${path}`, this.operatorToken, body);
  }

  async tenant(): Promise<{ readonly id: string; readonly default_currency: string; readonly environment: string }> {
    return (await this.send('GET', '/v1/tenant')) as unknown as Awaited<ReturnType<Sandbox['tenant']>>;
  }

  /** The sequence of its newest event. */
  async newest(): Promise<number> {
    const { data } = await this.send('GET', '/v1/events?limit=1');
    return (data as readonly ToldEvent[])[0]?.sequence ?? 0;
  }

  /** The first event of a type after a sequence, once it is there. */
  async eventOf(type: string, after: number): Promise<ToldEvent> {
    const until = performance.now() + PATIENCE_MS;
    for (let from = after; performance.now() < until;) {
      const { data } = await this.send('GET', `/v1/events?after_sequence=${from}&limit=100&wait_ms=5000`);
      const events = data as readonly ToldEvent[];
      const found = events.find((event) => event.type === type);
      if (found !== undefined) return found;
      from = events.at(-1)?.sequence ?? from;
    }
    throw new FoundWrong(`no ${type} came within ${PATIENCE_MS / 1_000} s`);
  }

  private async done(method: string, path: string, credential: string, body?: object): Promise<Body> {
    const response = await this.call(method, path, credential, body);
    if (response.status === 204) return {};
    const answer = (await response.json()) as Body & { error?: { code: string; message: string } };
    if (response.ok) return answer;
    const { code, message } = answer.error ?? { code: String(response.status), message: '' };
    throw new FoundWrong(`${method} ${path.replace(/\?.*/, '')} was refused (${code}): ${message}`);
  }

  private async call(method: string, path: string, credential: string, body?: object): Promise<Response> {
    const url = `${this.access.baseUrl}${path}`;
    const response = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${credential}`,
        ...(method === 'GET' ? { 'min-ledger-revision': String(this.written) } : {}),
        ...(method === 'POST' ? { 'idempotency-key': randomUUID() } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch((error: Error) => {
      throw new UsedWrongly(
        `No installation answers at ${this.access.baseUrl} (${error.message}). Start it with: npm start`,
      );
    });
    this.written = Math.max(this.written, Number(response.headers.get('ledger-revision') ?? 0));
    return response;
  }
}

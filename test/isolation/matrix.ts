/**
 * Every operation with every wrong credential: what names something of tenant B's is answered as what names nothing, what
 * lists shows nothing of B's, and nothing of B's changes.
 */
import { randomUUID } from 'node:crypto';
import type { Answer, Client } from '../support/client.js';
import { bodyOf, prefixOf, type Json, type PublishedOperation } from './surface.js';
import { MARKER, nobodys, prefixOfParameter, type Attacker, type World } from './world.js';

export interface Findings {
  /** Requests that were compared or searched. */
  requests: number;
  /** Operation × credential. */
  cells: number;
  readonly leaks: string[];
}

/** Where more than the least is needed for a request to reach what it names. */
const MORE: Readonly<Record<string, Json>> = {
  postTransaction: { type: 'transfer', entries: undefined, effective_at: undefined },
  postBatch: { transactions: [] },
  closeAccount: { confirmation: 'CLOSE_ACCOUNT' },
  closeTenantAccount: { confirmation: 'CLOSE_ACCOUNT' },
  blockAccount: { block_debits: true },
  blockTenantAccount: { block_debits: true },
  unblockAccount: { unblock_debits: true },
  unblockTenantAccount: { unblock_debits: true },
  createReplay: { since: new Date(Date.now() - 3_600_000).toISOString() },
  createWebhookEndpoint: { url: 'https://a.example/hooks' },
  createTenantWebhookEndpoint: { url: 'https://a.example/hooks' },
};

/** What a query must hold. */
const QUERY: Readonly<Record<string, string>> = {
  getStatement: '?from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z',
  getReceipt: '?revision=1',
};

type Naming = (prefix: string) => string;

const urlOf = ({ name, path, pathParameters }: PublishedOperation, tenantId: string, id: Naming): string =>
  pathParameters.reduce(
    (url, parameter) => {
      const prefix = prefixOfParameter(parameter);
      const value = parameter === 'tenant_id' ? tenantId : prefix === null ? 'x' : id(prefix);
      return url.replace(`{${parameter}}`, value);
    },
    `${path}${QUERY[name] ?? ''}`,
  );

/** The same answer, whoever it names: without the request's own id, and with each id that was asked for as `<id>`. */
const told = ({ status, headers, body }: Answer<unknown>, asked: ReadonlySet<string>): string => {
  let text = JSON.stringify(body).replace(/req_[0-9A-Z]{26}/g, '<request>');
  for (const id of asked) text = text.replaceAll(id, '<id>');
  const names = Object.keys(headers).filter((name) => name !== 'idempotent-replayed');
  return `${status} ${text} ${names.sort().join(' ')}`;
};

const call = (client: Client, operation: PublishedOperation, url: string, body: unknown): Promise<Answer<unknown>> => {
  const headers: Record<string, string> = operation.method === 'POST' ? { 'idempotency-key': randomUUID() } : {};
  return client.send(operation.method, url, body, headers);
};

export class Matrix {
  readonly findings: Findings = { requests: 0, cells: 0, leaks: [] };
  private readonly secrets: ReadonlySet<string>;

  constructor(private readonly world: World) {
    // The workspace is also its other tenant's; a request's id also stands in the twin that it made.
    const shared = new Set(['wsp', 'req']);
    // The first of each kind is what strangers name here, and what their own audit log then says that they named.
    this.secrets = new Set([...world.known].flatMap(([prefix, ids]) => (shared.has(prefix) ? [] : ids.slice(1))));
  }

  private get tenantOperations(): readonly PublishedOperation[] {
    return this.world.surface.operations.filter(({ caller, isStream }) => caller === 'tenant' && !isStream);
  }

  private leak(text: string): void {
    this.findings.leaks.push(text);
  }

  /** B's id of that kind, which the attacker names though it is not its own. */
  private readonly theirs: Naming = (prefix) => this.world.known.get(prefix)?.[0] ?? nobodys(prefix);

  /** Nothing of B's in an answer, but for the ids that the request itself named. */
  private search(who: string, answer: Answer<unknown>, asked: ReadonlySet<string>): void {
    this.findings.requests += 1;
    const text = JSON.stringify([answer.body, answer.headers]);
    if (text.includes(MARKER)) this.leak(`${who}: a text of tenant B's: ${text.slice(0, 300)}`);
    for (const id of this.secrets) {
      if (!asked.has(id) && text.includes(id)) this.leak(`${who}: ${id} of tenant B's: ${text.slice(0, 300)}`);
    }
  }

  private bodyFor(operation: PublishedOperation, id: Naming): unknown {
    if (operation.body === null) return undefined;
    const { schemas } = this.world.surface;
    return { ...(bodyOf(schemas, operation.body, id) as Json), ...MORE[operation.name] };
  }

  /** Asks for B's and for nobody's, and compares. */
  private async compare(who: string, client: Client, operation: PublishedOperation, tenantId: string): Promise<void> {
    const asked = new Set<string>();
    const noted =
      (naming: Naming): Naming =>
      (prefix) => {
        const id = naming(prefix);
        asked.add(id);
        return id;
      };
    const answers: string[] = [];
    for (const naming of [noted(this.theirs), noted(nobodys)]) {
      const url = urlOf(operation, tenantId, naming);
      const answer = await call(client, operation, url, this.bodyFor(operation, naming));
      this.search(`${operation.name} by ${who}`, answer, asked);
      answers.push(told(answer, asked));
    }
    if (asked.size > 0 && answers[0] !== answers[1]) {
      this.leak(`${operation.name} by ${who} tells B's from nobody's:\n  ${answers.join('\n  ')}`);
    }
  }

  private async filters(who: string, client: Client, operation: PublishedOperation): Promise<void> {
    if (operation.method !== 'GET' || operation.pathParameters.length > 0) return;
    for (const { name, pattern } of operation.filters) {
      const prefix = prefixOf(pattern);
      if (prefix === null) continue;
      const [theirs, none] = [this.theirs(prefix), nobodys(prefix)];
      const asked = new Set([theirs, none]);
      const answers = [];
      for (const id of asked) answers.push(await client.get<unknown>(`${operation.path}?${name}=${id}`));
      for (const answer of answers) this.search(`${operation.name}?${name} by ${who}`, answer, asked);
      const [first, second] = answers.map((answer) => told(answer, asked));
      if (first !== second) this.leak(`${operation.name}?${name} by ${who} tells B's from nobody's`);
    }
  }

  /** The tenant plane: each operation with each credential that is not B's. */
  async tenantPlane(attackers: readonly Attacker[] = this.world.attackers): Promise<void> {
    for (const { name: who, client, refusedAs } of attackers) {
      for (const operation of this.tenantOperations) {
        this.findings.cells += 1;
        await this.compare(who, client, operation, this.world.tenantA);
        await this.filters(who, client, operation);
      }
      if (refusedAs === null) continue;
      const { status, body } = await client.get<{ error?: { code: string } }>('/v1/accounts');
      if (status !== 401 || body.error?.code !== refusedAs) this.leak(`${who} is answered ${status}, not ${refusedAs}`);
    }
  }

  /** The admin plane: without the permission, and below another tenant than the resource's own. */
  async adminPlane(): Promise<void> {
    const { surface, operator, operatorWithout, tenantA, tenantB } = this.world;
    const lackings = new Map<string, Client>();
    for (const operation of surface.operations.filter(({ caller }) => caller === 'operator')) {
      const { name, permission, pathParameters } = operation;
      if (permission !== null) {
        this.findings.cells += 1;
        const lacking = lackings.get(permission) ?? (await operatorWithout(permission));
        lackings.set(permission, lacking);
        for (const tenantId of [tenantB, nobodys('tnt')]) {
          const url = urlOf(operation, tenantId, this.theirs);
          const answer = await call(lacking, operation, url, this.bodyFor(operation, this.theirs));
          this.findings.requests += 1;
          const { error } = answer.body as { error?: { code: string; rule?: string } };
          if (answer.status !== 403 || error?.rule !== permission) {
            this.leak(`${name} without ${permission} is answered ${JSON.stringify(answer.body).slice(0, 200)}`);
          }
        }
      }
      if (pathParameters.length > 1 && pathParameters[0] === 'tenant_id') {
        this.findings.cells += 1;
        await this.compare('an operator, below another tenant', operator, operation, tenantA);
      }
    }
  }

  /** A stranger with the cursor, the idempotency key or a reference of B's has nothing by it. */
  async borrowed(): Promise<void> {
    const { attackers, cursor, made } = this.world;
    const tried = new Set<string>();
    for (const { name: who, client, refusedAs, tenantId } of attackers) {
      if (refusedAs !== null) continue;
      this.findings.cells += 3;
      const page = await client.get<{ data?: unknown[] }>(`/v1/transactions?limit=1&starting_after=${cursor}`);
      this.search(`B's cursor by ${who}`, page, new Set());
      if (page.status !== 400) this.leak(`B's cursor opens for ${who}: ${page.status}`);
      const again = await client.post<Json>('/v1/transactions', made.body, { 'idempotency-key': made.key });
      const asked = new Set(JSON.stringify(made.body).match(/[a-z]+_[0-9A-Z]{26}/g));
      this.findings.requests += 1;
      if (again.headers['idempotent-replayed'] !== undefined || again.status < 400) {
        this.leak(`B's idempotency key answers ${who}: ${again.status} ${JSON.stringify(again.body).slice(0, 200)}`);
      }
      for (const id of this.secrets) {
        if (!asked.has(id) && JSON.stringify(again.body).includes(id)) this.leak(`B's key tells ${who} of ${id}`);
      }
      if (tried.has(tenantId)) continue;
      tried.add(tenantId);
      const own = await client.post<Json>('/v1/accounts', {
        account_name: 'x',
        wallet_type: 'customer',
        currency: 'NGN',
      });
      const deposit = {
        type: 'deposit',
        amount: 1,
        currency: 'NGN',
        destination: own.body.id,
        reference: made.body.reference,
      };
      const { status } = await client.post('/v1/transactions', deposit);
      this.findings.requests += 2;
      if (status !== 201) this.leak(`a reference of B's is taken for ${who}: ${status}`);
    }
  }

  /** The middle of the times, in ms, that B's account and nobody's are answered in, asked by turns. */
  async timing(samples: number): Promise<{ readonly theirs: number; readonly nobodys: number }> {
    const { client } = this.world.attackers[0] as World['attackers'][number];
    const times: [number[], number[]] = [[], []];
    for (let n = 0; n < samples; n++) {
      for (const [i, id] of [this.theirs('acc'), nobodys('acc')].entries()) {
        const begun = performance.now();
        await client.get(`/v1/accounts/${id}`);
        times[i]?.push(performance.now() - begun);
      }
    }
    const [theirs, none] = times.map((all) => all.sort((x, y) => x - y)[samples >> 1] as number) as [number, number];
    return { theirs, nobodys: none };
  }

  /** What B's own key is answered for the same requests: 404 or a refused form would make the comparison say nothing. */
  async control(): Promise<string[]> {
    const idle: string[] = [];
    const isLast = ({ method }: PublishedOperation): number => (method === 'DELETE' ? 1 : 0);
    for (const operation of [...this.tenantOperations].sort((x, y) => isLast(x) - isLast(y))) {
      const named = operation.pathParameters.map(prefixOfParameter).filter((prefix) => prefix !== null);
      const missing = named.filter((prefix) => !this.world.known.has(prefix));
      if (missing.length > 0) {
        idle.push(`${operation.name}: B has no ${missing.join(', ')}`);
        continue;
      }
      if (named.length === 0) continue;
      const url = urlOf(operation, this.world.tenantB, this.theirs);
      const body = this.bodyFor(operation, this.theirs);
      const { status, body: answer } = await call(this.world.owner, operation, url, body);
      if ([400, 401, 403, 404].includes(status)) {
        idle.push(`${operation.name}: B itself is answered ${status} ${JSON.stringify(answer).slice(0, 160)}`);
      }
    }
    return idle;
  }
}

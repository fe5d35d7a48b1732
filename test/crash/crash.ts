import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { releaseAfter } from '../support/release.js';
import { startEmbeddedPostgres } from '../../apps/standalone/embedded-postgres.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { Client, expectStatus, type Answer } from '../support/client.js';
import { daybook, exportedEvents, folded } from '../support/exported.js';
import { freePort } from '../support/free-port.js';
import { newDataDir } from '../support/product.js';
import { Supervised } from './supervised.js';

export interface Victim {
  readonly name: string;
  /** SIGKILL; false where it is just coming back and there is nothing to kill. */
  kill(): boolean;
}

export interface CrashOptions {
  readonly kills: number;
  readonly seed: number;
  readonly lanes: number;
  readonly env?: Record<string, string>;
  /** Something else that may be killed, and comes back by itself. */
  readonly victims?: readonly Victim[];
}

export interface CrashResult {
  readonly killed: Readonly<Record<string, number>>;
  readonly sent: number;
  readonly acknowledged: number;
  /** Acknowledged commands that are not in the stream. */
  readonly lost: readonly string[];
  /** Keys that took effect more than once. */
  readonly doubled: readonly string[];
  /** Keys whose answer changed when they were sent again. */
  readonly changed: readonly string[];
  /** What differs between the read models and a fold of the stream. */
  readonly differences: readonly string[];
  /** Events that sending every key once more appended: none, once all keys were settled. */
  readonly appendedByResending: number;
}

/** All that may be wrong of a result. */
export const wrongIn = ({ lost, doubled, changed, differences, appendedByResending }: CrashResult) => ({
  lost,
  doubled,
  changed,
  differences,
  appendedByResending,
});

export const NOTHING_WRONG: ReturnType<typeof wrongIn> = {
  lost: [],
  doubled: [],
  changed: [],
  differences: [],
  appendedByResending: 0,
};

export const describeCrash = (what: string, { killed, sent, acknowledged, lost, doubled }: CrashResult): string => {
  const victims = Object.entries(killed).map(([name, count]) => `${name} ${count}`);
  return (
    `crash (${what}): killed ${victims.join(', ')}; sent ${sent}, acknowledged ${acknowledged}, ` +
    `lost ${lost.length}, doubled ${doubled.length}\n`
  );
};

interface Transaction {
  readonly id: string;
  readonly error?: { readonly transaction_id?: string };
}

interface Sent {
  readonly key: string;
  readonly body: Record<string, unknown>;
  /** Of the first answer that was one. */
  answer: { readonly status: number; readonly id: string } | null;
}

/** Answers that say nothing about the outcome: the command is sent again with its key. */
const isSettled = (answer: Answer<Transaction>): boolean => answer.status === 201 || answer.status === 422;

const idOf = (answer: Answer<Transaction>): string => answer.body.id ?? answer.body.error?.transaction_id ?? '';

const killed9 = (pid: number): boolean => {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
};

class Load {
  readonly sent: Sent[] = [];
  private running = true;
  private state: number;

  constructor(
    private readonly client: Client,
    private readonly accounts: readonly string[],
    seed: number,
  ) {
    this.state = seed;
  }

  /** A small generator, so that a run can be repeated. */
  random(below: number): number {
    this.state = (Math.imul(this.state, 1_664_525) + 1_013_904_223) >>> 0;
    return this.state % below;
  }

  async lane(name: number): Promise<void> {
    for (let i = 0; this.running; i++) {
      const from = this.random(this.accounts.length);
      const to = (from + 1 + this.random(this.accounts.length - 1)) % this.accounts.length;
      const amount = 1 + this.random(500);
      const body = {
        type: 'transfer',
        amount,
        currency: 'EUR',
        source: this.accounts[from],
        destination: this.accounts[to],
      };
      const one: Sent = { key: `crash-${name}-${i}`, body, answer: null };
      this.sent.push(one);
      // A lane goes on with the next command after a while: what became of this one is asked at the end.
      await this.settle(one, () => this.running, 20);
    }
  }

  async settle(one: Sent, goOn: () => boolean, attempts: number): Promise<void> {
    for (let attempt = 0; attempt < attempts && goOn(); attempt++) {
      try {
        const answer = await this.client.post<Transaction>('/v1/transactions', one.body, {
          'idempotency-key': one.key,
        });
        if (isSettled(answer)) {
          one.answer = { status: answer.status, id: idOf(answer) };
          return;
        }
        if (answer.status < 500 && answer.status !== 409) throw new Error(`${one.key}: ${JSON.stringify(answer.body)}`);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      }
      await sleep(50);
    }
  }

  /** Resolves when so many more commands were answered. */
  async answered(more: number): Promise<void> {
    const count = (): number => this.sent.reduce((sum, one) => sum + (one.answer === null ? 0 : 1), 0);
    const enough = count() + more;
    const deadline = Date.now() + 60_000;
    while (count() < enough) {
      if (Date.now() > deadline) throw new Error('for a minute no command was answered');
      await sleep(10);
    }
  }

  stop(): void {
    this.running = false;
  }
}

const untilReady = async (client: Client, roles: readonly Supervised[]): Promise<void> => {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const ready = await client.get('/readyz').catch(() => null);
    if (ready?.status === 200) return;
    if (Date.now() > deadline) {
      throw new Error(
        `not ready: ${JSON.stringify(ready?.body)}\n${roles.map((r) => `${r.role}: ${r.lastOutput}`).join('\n')}`,
      );
    }
    await sleep(100);
  }
};

const openBooks = async (
  admin: Client,
  client: (key: string) => Client,
): Promise<{ tenantId: string; tenant: Client; accounts: string[] }> => {
  const partner = { name: 'Crash', email: 'crash@example.com', tier: 'enterprise' };
  const created = await admin.post<Transaction>('/api/v1/admin/tenants', {
    name: 'Crash',
    default_currency: 'EUR',
    partner,
  });
  const tenantId = expectStatus(created, 201).id;
  const scopes = ['accounts:read', 'accounts:write', 'transactions:read', 'transactions:write'];
  const minted = await admin.post<{ full_key: string }>(`/api/v1/admin/tenants/${tenantId}/api-keys`, {
    prefix: 'prod',
    scopes,
  });
  const tenant = client(expectStatus(minted, 201).full_key);
  const accounts: string[] = [];
  for (let i = 0; i < 20; i++) {
    const opened = await tenant.post<Transaction>('/v1/accounts', {
      account_name: `Crash ${i}`,
      wallet_type: 'customer',
      currency: 'EUR',
    });
    accounts.push(expectStatus(opened, 201).id);
    const deposit = { type: 'deposit', amount: 50_000, currency: 'EUR', destination: accounts.at(-1) };
    expectStatus(await tenant.post('/v1/transactions', deposit), 201);
  }
  return { tenantId, tenant, accounts };
};

const keyed = (events: readonly LedgerEvent[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const { meta } of events) {
    if (meta.idempotency) counts.set(meta.idempotency.key, (counts.get(meta.idempotency.key) ?? 0) + 1);
  }
  return counts;
};

const transactionIds = (events: readonly LedgerEvent[]): Set<string> =>
  new Set(
    events.flatMap((e) =>
      e.type === 'TransactionPosted' || e.type === 'TransactionFailed' ? [e.data.transaction.transaction_id] : [],
    ),
  );

const differencesFromFold = async (tenant: Client, events: readonly LedgerEvent[]): Promise<string[]> => {
  const state = folded(events);
  const { revision } = state.head.value;
  const differences: string[] = [];
  for (const account of state.accounts.values()) {
    const read = expectStatus(
      await tenant.getAt<{ balance: number; held: number }>(`/v1/accounts/${account.id}`, revision),
      200,
    );
    if (read.balance !== account.balance || read.held !== account.held) {
      differences.push(`${account.id}: read ${read.balance}/${read.held}, folded ${account.balance}/${account.held}`);
    }
  }
  const ids = transactionIds(events);
  const listed = new Set<string>();
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: { data: Transaction[]; next_cursor: string | null } = expectStatus(
      await tenant.get(
        `/v1/transactions?limit=100${cursor === '' ? '' : `&starting_after=${encodeURIComponent(cursor)}`}`,
      ),
      200,
    ) as never;
    for (const { id } of page.data) {
      if (listed.has(id)) differences.push(`${id} is listed twice`);
      listed.add(id);
    }
    cursor = page.next_cursor;
  }
  for (const id of ids) if (!listed.has(id)) differences.push(`${id} is in the stream and not in the list`);
  for (const id of listed) if (!ids.has(id)) differences.push(`${id} is in the list and not in the stream`);
  return differences;
};

/** Loads the product, kills its processes at random moments, and then asks whether anything was lost or done twice. */
export const crash = (options: CrashOptions): Promise<CrashResult> =>
  releaseAfter(async (release) => {
    const dataDir = newDataDir();
    release(() => rmSync(dataDir, { recursive: true, force: true }));
    const postgres = await startEmbeddedPostgres(dataDir, { deathsPerMinute: options.kills });
    release(() => postgres.stop());
    const port = await freePort();
    const env = {
      DATABASE_URL: postgres.url,
      DAYBOOK_DATA_DIR: dataDir,
      DAYBOOK_PORT: String(port),
      DAYBOOK_LOG_LEVEL: 'warn',
      ...options.env,
    };
    const roles = [new Supervised('api', env), new Supervised('projector', { ...env, DAYBOOK_PORT: '0' })];
    for (const role of roles) {
      role.start();
      release(() => role.stop());
    }
    const baseUrl = `http://127.0.0.1:${port}`;
    const clients: Client[] = [];
    release(() => clients.forEach((c) => c.close()));
    const client = (credential: string): Client => {
      const made = new Client(baseUrl, credential);
      clients.push(made);
      return made;
    };
    await untilReady(client(''), roles);
    const token = daybook(
      dataDir,
      ['token', '--permissions', 'view_tenants,manage_tenants,manage_tenant_api_keys', '--ttl', '1h'],
      env,
    );
    const { tenantId, tenant, accounts } = await openBooks(client(token.trim()), client);

    const load = new Load(tenant, accounts, options.seed);
    release(() => load.stop());
    const lanes = Promise.all(Array.from({ length: options.lanes }, (_, name) => load.lane(name)));
    lanes.catch(() => undefined);
    const victims: Victim[] = [
      ...roles.map((role) => ({ name: role.role, kill: () => role.kill() })),
      { name: 'postgres', kill: () => killed9(postgres.pid()) },
      ...(options.victims ?? []),
    ];
    const killed: Record<string, number> = {};
    for (let i = 0; i < options.kills; i++) {
      // Only what works can be interrupted: some commands are answered before the next kill.
      await load.answered(15);
      await sleep(load.random(400));
      const victim = victims[i % victims.length] as (typeof victims)[number];
      while (!victim.kill()) await sleep(20);
      killed[victim.name] = (killed[victim.name] ?? 0) + 1;
    }
    await sleep(500);
    load.stop();
    await lanes;
    await untilReady(client(''), roles);
    return { killed, ...(await judge(load, tenant, () => exportedEvents(dataDir, tenantId, env))) };
  });

const judge = async (load: Load, tenant: Client, stream: () => LedgerEvent[]): Promise<Omit<CrashResult, 'killed'>> => {
  const acknowledged = load.sent.filter((one) => one.answer !== null);
  const inStream = transactionIds(stream());
  const lost = acknowledged.filter((one) => !inStream.has(one.answer?.id ?? '')).map((one) => one.key);
  const unsettled = load.sent.filter((one) => one.answer === null);
  for (const one of unsettled) await load.settle(one, () => true, 100);
  const settledRevision = stream().length;
  const changed: string[] = [];
  for (const one of load.sent) {
    const again = await tenant.post<Transaction>('/v1/transactions', one.body, { 'idempotency-key': one.key });
    const same = again.status === one.answer?.status && idOf(again) === one.answer.id;
    if (!same || again.headers['idempotent-replayed'] !== 'true')
      changed.push(`${one.key}: ${again.status} ${idOf(again)}`);
  }
  const events = stream();
  return {
    sent: load.sent.length,
    acknowledged: acknowledged.length,
    lost,
    doubled: [...keyed(events)].filter(([, count]) => count > 1).map(([key]) => key),
    changed,
    differences: await differencesFromFold(tenant, events),
    appendedByResending: events.length - settledRevision,
  };
};

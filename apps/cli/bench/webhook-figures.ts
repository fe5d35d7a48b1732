import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { CURRENCY, type Installation } from './fixture.js';
import type { WebhookReceiver } from './webhook-receiver.js';

export interface WebhookFigures {
  /** What wakes workers: `REDIS_URL` or none. */
  readonly jobs: 'Redis' | 'PostgreSQL';
  readonly latency: {
    readonly eventsPerSecond: number;
    readonly endpointsEach: number;
    readonly p50Ms: number;
    readonly p95Ms: number;
    readonly p99Ms: number;
    readonly deliveries: number;
    readonly lost: number;
    readonly doubled: number;
  };
  readonly sustained: {
    readonly deliveries: number;
    readonly perSecond: number;
    readonly lost: number;
    /** Of a delivery with its attempt, indexes included. */
    readonly bytesEach: number;
  };
  /** From an event to its last row. */
  readonly fanOut: { readonly endpoints: number; readonly ms: number };
  /** Of healthy endpoints, from an event to its delivery: alone, and beside one dead and one slow with so many waiting each. */
  readonly fairness: {
    readonly healthy: number;
    readonly backlog: number;
    readonly aloneP99Ms: number;
    readonly besideP99Ms: number;
  };
}

const TENANTS = 10;
const ENDPOINTS = 3;
const EVENTS_PER_SECOND = 200;
/** A tenant is sent no more than a hundred a second: many together are what the installation can do. */
const CROWD = 30;
const BURST = 50;
const FAN_OUT = 1_000;
const HEALTHY = 20;
const ROUNDS = 10;
const BACKLOG = 5_000;
const PATIENCE_MS = 30_000;
const LANES = 32;

interface Subscribed {
  readonly id: string;
  readonly key: string;
  readonly accounts: readonly string[];
}

/** Does something for 0 … count − 1, several at a time. */
const inLanes = async (count: number, work: (n: number) => Promise<void>): Promise<void> => {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let n = next++; n < count; n = next++) await work(n);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
};

class WebhookLoad {
  private endpoints = 0;

  constructor(
    private readonly installation: Installation,
    private readonly receiver: WebhookReceiver,
    private readonly owner: pg.Client,
  ) {}

  private async subscribed(endpoints: number, type: string, below = ''): Promise<Subscribed> {
    const { id, key } = await this.installation.createTenant('Webhooks');
    const accounts = await this.installation.openAccounts(key, 2);
    await this.installation.fund(key, accounts);
    await inLanes(endpoints, async () => {
      const url = `http://${this.receiver.hostAndPort}/${below}${this.endpoints++}`;
      await this.installation.call('POST', '/v1/webhooks/endpoints', key, { url, events: [type] });
    });
    return { id, key, accounts };
  }

  private async crowd(size: number): Promise<readonly Subscribed[]> {
    const all: Subscribed[] = [];
    await inLanes(size, async () => void all.push(await this.subscribed(ENDPOINTS, 'transaction.completed')));
    // What was subscribed and sent before is none of what is measured.
    await sleep(1_000);
    this.receiver.forget();
    return all;
  }

  async latency(seconds: number): Promise<WebhookFigures['latency']> {
    const tenants = await this.crowd(TENANTS);
    const count = EVENTS_PER_SECOND * seconds;
    const started = performance.now();
    await inLanes(count, async (n) => {
      const ahead = started + (n * 1_000) / EVENTS_PER_SECOND - performance.now();
      if (ahead > 1) await sleep(ahead);
      await this.transfer(tenants[n % tenants.length] as Subscribed);
    });
    const took = (performance.now() - started) / 1_000;
    await this.receiver.until(count * ENDPOINTS, PATIENCE_MS);
    const { told, doubled } = this.receiver.counts;
    return {
      eventsPerSecond: count / took,
      endpointsEach: ENDPOINTS,
      p50Ms: this.receiver.quantile(0.5),
      p95Ms: this.receiver.quantile(0.95),
      p99Ms: this.receiver.quantile(0.99),
      deliveries: told,
      lost: count * ENDPOINTS - told,
      doubled,
    };
  }

  async sustained(): Promise<WebhookFigures['sustained']> {
    const tenants = await this.crowd(CROWD);
    const before = await this.bytes();
    await inLanes(tenants.length, async (n) => {
      const { key, accounts } = tenants[n] as Subscribed;
      const [source, destination] = accounts;
      const transactions = Array.from({ length: BURST }, () => ({
        type: 'transfer',
        amount: 1,
        currency: CURRENCY,
        source,
        destination,
      }));
      await this.installation.call('POST', '/v1/transactions/batch', key, { transactions });
    });
    const meant = tenants.length * BURST * ENDPOINTS;
    await this.receiver.until(meant, PATIENCE_MS);
    const { told } = this.receiver.counts;
    const bytesEach = ((await this.bytes()) - before) / meant;
    const seconds = (this.receiver.lastAt - this.receiver.firstAt) / 1_000;
    return { deliveries: told, perSecond: told / seconds, lost: meant - told, bytesEach };
  }

  async fanOut(): Promise<WebhookFigures['fanOut']> {
    const { id, key } = await this.subscribed(FAN_OUT, 'customer.created');
    await sleep(1_000);
    const started = performance.now();
    await this.installation.call('POST', '/v1/customers', key, { kind: 'person', name: 'Bench' });
    const ask = 'SELECT count(*)::int AS made FROM daybook.deliveries WHERE tenant_id = $1';
    for (let made = 0; made < FAN_OUT;) {
      if (performance.now() - started > PATIENCE_MS) throw new Error(`only ${made} of ${FAN_OUT} rows were made`);
      ({ made } = (await this.owner.query<{ made: number }>(ask, [id])).rows[0] as { made: number });
      await sleep(2);
    }
    return { endpoints: FAN_OUT, ms: performance.now() - started };
  }

  async fairness(): Promise<WebhookFigures['fairness']> {
    const healthy: Subscribed[] = [];
    await inLanes(HEALTHY, async () => void healthy.push(await this.subscribed(1, 'transaction.completed')));
    await this.healthyP99(healthy);
    const aloneP99Ms = await this.healthyP99(healthy);
    for (const below of ['dead/', 'slow/']) await this.pileUp(await this.subscribed(1, 'transaction.completed', below));
    await sleep(2_000);
    return { healthy: HEALTHY, backlog: BACKLOG, aloneP99Ms, besideP99Ms: await this.healthyP99(healthy) };
  }

  private async healthyP99(healthy: readonly Subscribed[]): Promise<number> {
    this.receiver.forget();
    for (let round = 1; round <= ROUNDS; round += 1) {
      await inLanes(healthy.length, async (n) => this.transfer(healthy[n] as Subscribed));
      await this.receiver.until(round * healthy.length, PATIENCE_MS);
    }
    const { told } = this.receiver.counts;
    if (told < ROUNDS * healthy.length) throw new Error(`only ${told} deliveries to healthy endpoints came`);
    return this.receiver.quantile(0.99);
  }

  /** Of one delivery that is there, thousands more. */
  private async pileUp(tenant: Subscribed): Promise<void> {
    await this.transfer(tenant);
    const copy = `INSERT INTO daybook.deliveries (tenant_id, delivery_id, endpoint_id, cause, event_id, event_type, sequence,
        revision, ordering_key, next_attempt_at)
      SELECT d.tenant_id, left(d.delivery_id, -6) || lpad(n::text, 6, '0'), d.endpoint_id, 'bench-' || n, d.event_id,
        d.event_type, d.sequence, d.revision, d.ordering_key, d.next_attempt_at
      FROM (SELECT * FROM daybook.deliveries WHERE tenant_id = $1 LIMIT 1) d, generate_series(1, $2) n`;
    const started = performance.now();
    for (let made = 0; made === 0;) {
      if (performance.now() - started > PATIENCE_MS) throw new Error('nothing was fanned out');
      made = (await this.owner.query(copy, [tenant.id, BACKLOG])).rowCount ?? 0;
      await sleep(20);
    }
  }

  private async transfer({ key, accounts }: Subscribed): Promise<void> {
    const [source, destination] = accounts;
    const body = { type: 'transfer', amount: 1, currency: CURRENCY, source, destination };
    await this.installation.call('POST', '/v1/transactions', key, body);
  }

  private async bytes(): Promise<number> {
    const { rows } = await this.owner.query<{ bytes: string }>(
      "SELECT pg_total_relation_size('daybook.deliveries') + pg_total_relation_size('daybook.delivery_attempts') AS bytes",
    );
    return Number(rows[0]?.bytes);
  }
}

/** Deliveries to a consumer in this process, over the running product. */
export const measureWebhooks = async (
  installation: Installation,
  receiver: WebhookReceiver,
  databaseUrl: string,
  seconds: number,
): Promise<WebhookFigures> => {
  const owner = new pg.Client({ connectionString: databaseUrl });
  await owner.connect();
  try {
    const load = new WebhookLoad(installation, receiver, owner);
    const latency = await load.latency(Math.max(5, seconds));
    const sustained = await load.sustained();
    // Before the fan-out: what that leaves to be sent takes its tenant's budget ten seconds.
    const fairness = await load.fairness();
    const fanOut = await load.fanOut();
    return { jobs: process.env['REDIS_URL'] ? 'Redis' : 'PostgreSQL', latency, sustained, fanOut, fairness };
  } finally {
    await owner.end();
  }
};

import { pino } from 'pino';
import { Registry } from 'prom-client';
import { readModels } from '../read-models.js';
import { openEngine } from '../wiring.js';
import { HealthWatch } from './health-watch.js';
import { InstallationUnderTest } from '../spec-installation.js';
import type { Reply } from '../spec-support.js';

let api: InstallationUnderTest;
let keys = 0;
beforeAll(async () => {
  api = await InstallationUnderTest.start();
}, 60_000);
afterAll(() => api.close());

interface Told {
  readonly name: string;
  readonly of: string | null;
  readonly value: number | null;
  readonly status: string;
}

const health = async (
  tenantId: string,
): Promise<{ status: string; of: (name: string, of?: string) => Told | undefined }> => {
  const { status, body, text } = await api.admin('GET', `/${tenantId}/health`);
  if (status !== 200) throw new Error(text);
  const indicators = body.indicators as Told[];
  return {
    status: body.status as string,
    of: (name, of) => indicators.find((one) => one.name === name && (of === undefined || one.of === of)),
  };
};

const senderOf = async (tenantId: string, terms: object = {}) => {
  const scopes = ['accounts:read', 'accounts:write', 'accounts:manage', 'transactions:write', 'kyc:write'];
  const { body } = await api.admin('POST', `/${tenantId}/api-keys`, { prefix: 'prod', scopes, ...terms });
  return (method: string, url: string, sent?: unknown): Promise<Reply> =>
    api.send(method, url, sent, {
      as: body.full_key as string,
      headers: method === 'POST' ? { 'idempotency-key': `h-${(keys += 1)}` } : {},
    });
};

const account = { account_name: 'Ada', wallet_type: 'customer', currency: 'NGN' };

describe('the health of a tenant', () => {
  it('of which nothing is known yet is ok, and says so', async () => {
    const { id } = await api.tenant();
    const told = await health(id);
    expect(told.status).toBe('ok');
    expect(told.of('coverage_ratio')).toMatchObject({ value: null, status: 'no_data' });
    expect(told.of('kyc_rejection_rate')).toMatchObject({ value: null, status: 'no_data' });
    expect(told.of('webhook_failure_rate')).toMatchObject({ value: null, status: 'no_data' });
    expect(told.of('rate_limit_hits')).toMatchObject({ value: 0, status: 'ok', threshold: { above: 100 } });
    expect((await api.admin('GET', '/tnt_01HZXK5Y8Q2J3M4N5P6R7S8T9V/health')).status).toBe(404);
  });

  it('warns of more than a hundred calls that limits refused', async () => {
    const { id } = await api.tenant();
    const send = await senderOf(id, { rate_limit_per_min: 2 });
    for (let i = 0; i < 2; i += 1) expect((await send('GET', '/v1/accounts')).status).toBe(200);
    for (let i = 0; i < 100; i += 1) await send('GET', '/v1/accounts');
    expect((await health(id)).of('rate_limit_hits')).toMatchObject({ value: 100, status: 'ok' });
    await send('GET', '/v1/accounts');
    const told = await health(id);
    expect([told.status, told.of('rate_limit_hits')?.status]).toEqual(['warning', 'warning']);
    expect(told.of('refused_calls')).toMatchObject({ value: 0 });
  });

  it('warns of more than ten accounts that were blocked in a day, each counted once', async () => {
    const { id } = await api.tenant();
    const send = await senderOf(id);
    const body = { reason: 'x', source: 'fraud', block_debits: true };
    const accounts: string[] = [];
    for (let i = 0; i < 11; i += 1) accounts.push((await send('POST', '/v1/accounts', account)).body.id as string);
    for (const one of accounts.slice(0, 10)) await send('PUT', `/v1/accounts/${one}/block`, body);
    await send('PUT', `/v1/accounts/${accounts[0]}/block`, { ...body, source: 'other', block_credits: true });
    const last = await send('PUT', `/v1/accounts/${accounts[9]}/unblock`, {
      reason: 'x',
      source: 'y',
      unblock_debits: true,
    });
    await api.admin('GET', `/${id}`, undefined, { 'min-ledger-revision': String(last.headers['ledger-revision']) });
    expect((await health(id)).of('blocked_accounts')).toMatchObject({ value: 10, status: 'ok' });
    const blocked = await send('PUT', `/v1/accounts/${accounts[10]}/block`, body);
    await api.admin('GET', `/${id}`, undefined, { 'min-ledger-revision': String(blocked.headers['ledger-revision']) });
    expect((await health(id)).of('blocked_accounts')).toMatchObject({ value: 11, status: 'warning' });
  });

  it('warns of money that is not covered, by currency', async () => {
    const { id } = await api.tenant();
    const send = await senderOf(id);
    const float = { account_name: 'F', wallet_type: 'float', currency: 'NGN', allow_negative: true };
    const source = (await send('POST', '/v1/accounts', float)).body.id;
    const destination = (await send('POST', '/v1/accounts', account)).body.id;
    const moved = await send('POST', '/v1/transactions', {
      type: 'deposit',
      amount: 100,
      currency: 'NGN',
      source,
      destination,
    });
    await api.admin('GET', `/${id}`, undefined, { 'min-ledger-revision': String(moved.headers['ledger-revision']) });
    expect((await health(id)).of('coverage_ratio', 'NGN')).toMatchObject({
      value: 100,
      status: 'warning',
      unit: 'percent',
    });
  });

  it('tells of refusals beside, and of webhook attempts as they are made', async () => {
    const { id } = await api.tenant();
    const send = await senderOf(id);
    await send('GET', '/v1/cards');
    expect((await health(id)).of('refused_calls')).toMatchObject({ value: 1, status: 'ok', threshold: null });
    const { pools } = api.installation;
    const attempt = (n: number, outcome: string): Promise<unknown> =>
      pools.projector.query(
        `INSERT INTO daybook.delivery_attempts (tenant_id, delivery_id, attempt, endpoint_id, at, outcome, url,
           request_headers, body, answer_headers, excerpt, answer_bytes, is_cut, timings, duration_ms)
         VALUES ($1, 'dlv_x', $2, 'whk_x', now(), $3, '', '', '', '', '', 0, false, '', 1)`,
        [id, n, outcome],
      );
    for (let i = 0; i < 19; i += 1) await attempt(i, 'delivered');
    await attempt(19, 'retry');
    expect((await health(id)).of('webhook_failure_rate')).toMatchObject({ value: 5, status: 'ok' });
    await attempt(20, 'refused');
    expect((await health(id)).of('webhook_failure_rate')).toMatchObject({ value: 9.52, status: 'warning' });
  });

  it('is told of as an event where a threshold is crossed and restored, once, however many look', async () => {
    const { id } = await api.tenant();
    const send = await senderOf(id, { rate_limit_per_min: 2 });
    const looking = (): HealthWatch =>
      new HealthWatch(pools.engine, engine, readModels(api.installation), { now: () => now }, (error) => {
        throw error;
      });
    const { pools } = api.installation;
    const engine = openEngine(api.installation, pino({ level: 'silent' }), { now: () => Date.now() });
    let now = Date.now();
    const told = async (): Promise<readonly unknown[]> => {
      const { rows } = await pools.projector.query<{ type: string }>(
        `SELECT type FROM daybook.events WHERE tenant_id = $1 AND type LIKE 'health.%' ORDER BY event_id`,
        [id],
      );
      return rows.map(({ type }) => type);
    };
    const heard = async (count: number): Promise<void> => {
      for (const until = Date.now() + 20_000; (await told()).length < count;) {
        if (Date.now() > until) throw new Error(`${count} events did not come`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    try {
      for (let i = 0; i < 104; i += 1) await send('GET', '/v1/accounts');
      await health(id);
      await Promise.all([looking().look(), looking().look(), looking().look()]);
      await heard(1);
      await looking().look();
      const registry = new Registry();
      const watch = looking();
      watch.observe(registry);
      await watch.look();
      const metrics = await registry.metrics();
      expect(metrics).toMatch(/daybook_health_warnings\{indicator="rate_limit_hits"\} [1-9]/);
      // Anybody who reaches the port may read them.
      expect(metrics).not.toContain('tnt_');
      await api.admin('PATCH', `/${id}/settings/finance`, { rate_limit_hits_per_day: 1_000 });
      now += 1;
      await health(id);
      await looking().look();
      await heard(2);
      await looking().look();
      expect(await told()).toEqual(['health.threshold_crossed', 'health.threshold_restored']);
    } finally {
      await engine.drain();
    }
  });
});

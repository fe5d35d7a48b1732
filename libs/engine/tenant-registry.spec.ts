import { createHash } from 'node:crypto';
import { ledgerStream } from '#domain/codec.js';
import { MemoryEventStore } from '#event-store/memory.js';
import { chained, NO_HASH } from './hash-chain.js';
import { decodePlatformEvent, PLATFORM_STREAM } from './platform-stream.js';
import { NotTaken, type CommandRequest, type Engine } from './ports.js';
import { committed, engineOn, MisbehavingStore, readLedger, readStream, type Bench } from './spec-support.js';
import { TenantRegistry, type TenantRegistration } from './tenant-registry.js';

const open: Bench[] = [];
const bench = (...options: Parameters<typeof engineOn>): Bench & { registry: TenantRegistry } => {
  const made = engineOn(...options);
  open.push(made);
  return { ...made, registry: new TenantRegistry(made.store, made.engine, made.vault, made.clock) };
};
afterEach(async () => {
  await Promise.all(open.splice(0).map(({ engine }) => engine.drain(0)));
});

const asking = (key: string | null, differing: Partial<TenantRegistration['terms']> = {}): TenantRegistration => {
  const terms: TenantRegistration['terms'] = {
    environment: 'live',
    name: 'Acme Payments',
    default_currency: 'NGN',
    timezone: 'Africa/Lagos',
    api_version: '2026-05-19',
    partner: { name: 'Jo Doe', email: 'jo@acme.example', tier: 'paid' },
    ...differing,
  };
  return {
    terms,
    issuer: { plane: 'admin', keyId: null, entitlement: null },
    actor: 'ops_1',
    requestId: 'req_1',
    apiVersion: null,
    ip: null,
    idempotency:
      key === null
        ? null
        : {
            key,
            request: createHash('sha256').update(JSON.stringify(terms)).digest('hex'),
            operation: 'tenants.create',
          },
  };
};

/** An engine that fails before it does anything, once what is tried is not only a trial. */
const dying = (engine: Engine): Engine => ({
  execute: (request: CommandRequest) =>
    request.dryRun === true ? engine.execute(request) : Promise.reject(new NotTaken('draining', 1000)),
});

const platformOf = async ({ store }: Bench) =>
  (await readStream(store, PLATFORM_STREAM)).map(({ payload }) => decodePlatformEvent(payload));

test('a tenant is registered first and created then, with a workspace of its own', async () => {
  const made = bench(new MemoryEventStore());
  const { tenantId, workspaceId, receipt } = await made.registry.register(asking('k'));
  expect(committed(receipt)).toMatchObject({ revision: 0, replayed: false, events: [{ type: 'TenantCreated' }] });
  expect(await platformOf(made)).toMatchObject([
    { revision: 0, type: 'WorkspaceCreated', data: { workspace_id: workspaceId } },
    {
      revision: 1,
      type: 'TenantRegistered',
      data: { key: 'k', tenant_id: tenantId, workspace_id: workspaceId, environment: 'live' },
    },
  ]);
  expect(await made.registry.tenants()).toEqual([
    { tenantId, workspaceId, environment: 'live', twinOf: null, registeredAt: made.clock.now() },
  ]);
});

test('the platform’s stream is chained, and what is personal in it is sealed under the tenant’s partner', async () => {
  const made = bench(new MemoryEventStore());
  await made.registry.register(asking('k'));
  let hash = NO_HASH;
  for (const event of await readStream(made.store, PLATFORM_STREAM)) {
    expect(Buffer.compare((hash = chained(hash, event.payload)), event.hash)).toBe(0);
    const { data } = decodePlatformEvent(event.payload);
    const { creation, ...rest } = data as typeof data & { creation?: string };
    expect(JSON.stringify(rest)).not.toMatch(/Acme|Jo Doe|jo@acme/);
    if (creation !== undefined) expect(creation.startsWith('s1.prt_')).toBe(true);
  }
});

test('the same key gives the same tenant, from any instance; another request is a conflict', async () => {
  const made = bench(new MemoryEventStore());
  const other = bench(made.store, {}, { vault: made.vault });
  const first = await made.registry.register(asking('k'));
  const again = await other.registry.register(asking('k'));
  expect(again).toEqual({ ...first, receipt: { ...first.receipt, replayed: true } });
  expect((await other.registry.register(asking('k', { name: 'Other' }))).receipt.kind).toBe('key_reused');
  expect(await other.registry.tenants()).toHaveLength(1);
  expect(await readLedger(made.store, first.tenantId)).toHaveLength(1);
});

test('the same key at once in two instances makes one tenant', async () => {
  const made = bench(new MemoryEventStore());
  const other = bench(made.store, {}, { vault: made.vault });
  const registered = await Promise.all([made, other, made].map(({ registry }) => registry.register(asking('k'))));
  expect(new Set(registered.map(({ tenantId }) => tenantId)).size).toBe(1);
  expect(registered.filter(({ receipt }) => !committed(receipt).replayed)).toHaveLength(1);
  expect(await made.registry.tenants()).toHaveLength(1);
});

test('half done: the same key finishes it', async () => {
  const made = bench(new MemoryEventStore());
  const halfway = new TenantRegistry(made.store, dying(made.engine), made.vault, made.clock);
  await expect(halfway.register(asking('k'))).rejects.toBeInstanceOf(NotTaken);
  const [tenant] = await made.registry.tenants();
  expect(await made.store.head(ledgerStream(tenant!.tenantId))).toBeNull();
  const { tenantId, receipt } = await made.registry.register(asking('k'));
  expect(tenantId).toBe(tenant!.tenantId);
  expect(committed(receipt).replayed).toBe(false);
});

test.each([['k'], [null]])('half done under the key %s: the sweep finishes it, once', async (key) => {
  const made = bench(new MemoryEventStore());
  const halfway = new TenantRegistry(made.store, dying(made.engine), made.vault, made.clock);
  await expect(halfway.register(asking(key))).rejects.toBeInstanceOf(NotTaken);
  const other = bench(made.store, {}, { vault: made.vault });
  const sweeps = await Promise.all([made.registry.finishHalfDone(), other.registry.finishHalfDone()]);
  expect(sweeps.flatMap(({ failed }) => failed)).toEqual([]);
  const [tenant] = await made.registry.tenants();
  expect(await readLedger(made.store, tenant!.tenantId)).toMatchObject([
    {
      type: 'TenantCreated',
      data: { tenant: { tenant_id: tenant!.tenantId, name: `s1.${tenant!.tenantId}.Acme Payments` } },
    },
  ]);
  expect(await made.registry.finishHalfDone()).toEqual({ finished: [], failed: [] });
});

test('what would be refused is not registered', async () => {
  const made = bench(new MemoryEventStore());
  const { receipt } = await made.registry.register(asking('k', { default_currency: 'XXX' }));
  expect(receipt).toMatchObject({ kind: 'refused', refusal: { code: 'invalid_currency' } });
  const unknown = await made.registry.register(asking('k', { workspace_id: 'wsp_01KE6P4YM01G60YTQ9R1Y6M6QV' }));
  expect(unknown.receipt).toMatchObject({
    kind: 'refused',
    refusal: { code: 'invalid_parameter', param: 'workspace_id' },
  });
  const dry = await made.registry.register({ ...asking('k'), dryRun: true });
  expect(dry.receipt.kind).toBe('dry_run');
  expect(await platformOf(made)).toEqual([]);
});

test('several tenants share a workspace; the same key makes a workspace once', async () => {
  const made = bench(new MemoryEventStore());
  const record = { key: 'w', request: 'body', operation: 'workspaces.create' };
  const asked = { actor: 'ops_1', requestId: null, idempotency: record, name: 'Acme' };
  const { workspace, replayed } = (await made.registry.createWorkspace(asked))!;
  const { workspaceId } = workspace;
  expect([workspace.name, replayed]).toEqual(['Acme', false]);
  expect(await made.registry.createWorkspace(asked)).toEqual({ workspace, replayed: true });
  expect(await made.registry.createWorkspace({ ...asked, idempotency: { ...record, request: 'other' } })).toBeNull();
  const unkeyed = (await made.registry.createWorkspace({ ...asked, idempotency: null, name: null }))!;
  expect(await made.registry.workspaces()).toEqual([workspace, unkeyed.workspace]);
  const live = await made.registry.register(asking('a', { workspace_id: workspaceId }));
  await made.registry.register({
    ...asking('b', { workspace_id: workspaceId, environment: 'sandbox' }),
    twinOf: live.tenantId,
  });
  expect(await made.registry.tenants()).toMatchObject([
    { workspaceId, environment: 'live', twinOf: null },
    { workspaceId, environment: 'sandbox', twinOf: live.tenantId },
  ]);
});

test('an append whose outcome is not known is made once', async () => {
  const store = new MisbehavingStore();
  const made = bench(store);
  store.mishaps.push('unknown_written', 'unknown_lost');
  committed((await made.registry.register(asking('k'))).receipt);
  expect(await platformOf(made)).toHaveLength(2);
});

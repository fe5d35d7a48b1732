import { setTimeout as sleep } from 'node:timers/promises';
import { InstallationUnderTest } from '../spec-installation.js';
import type { Reply } from '../spec-support.js';

const told = ({ status, body }: Reply): string =>
  [status, body.error?.code, body.error?.param].filter(Boolean).join(' ');

let at: InstallationUnderTest;
beforeAll(async () => {
  at = await InstallationUnderTest.start();
}, 60_000);
afterAll(() => at.close());

const get = (path: string, as: string): Promise<Reply> => at.send('GET', path, undefined, { as });

describe('API keys', () => {
  const made = async (tenantId: string, body: object = {}): Promise<{ full: string; id: string; tenantId: string }> => {
    const { body: told } = await at.admin('POST', `/${tenantId}/api-keys`, { scopes: ['accounts:read'], ...body });
    const key = told.key as { key_id: string; tenant_id: string };
    return { full: told.full_key as string, id: key.key_id, tenantId: key.tenant_id };
  };

  it('rotated with an overlap both open, without one only the new', async () => {
    const { id } = await at.tenant();
    const first = await made(id, { name: 'till', rate_limit_per_min: 77 });
    const path = `/${id}/api-keys/${first.id}/rotate`;
    const rotated = await at.admin('POST', path, { overlap_seconds: 3600 }, { 'idempotency-key': `rotate-${id}` });
    expect(rotated).toMatchObject({
      status: 201,
      body: { key: { name: 'till', rate_limit_per_min: 77, is_active: true } },
    });
    const again = await at.admin('POST', path, { overlap_seconds: 3600 }, { 'idempotency-key': `rotate-${id}` });
    expect([again.body, again.headers['idempotent-replayed']]).toEqual([rotated.body, 'true']);
    const second = rotated.body.full_key as string;
    for (const key of [first.full, second]) expect((await get('/v1/accounts', key)).status).toBe(200);
    const old = (await at.admin('GET', `/${id}/api-keys/${first.id}`)).body;
    expect(Math.abs(Date.parse(old.expires_at as string) - Date.now() - 3_600_000)).toBeLessThan(60_000);
    const { key_id } = rotated.body.key as { key_id: string };
    const third = await at.admin('POST', `/${id}/api-keys/${key_id}/rotate`);
    expect(third.status).toBe(201);
    expect(told(await get('/v1/accounts', second))).toBe('401 revoked_key');
    expect((await get('/v1/accounts', third.body.full_key as string)).status).toBe(200);
    expect(told(await at.admin('POST', `/${id}/api-keys/${key_id}/rotate`, { overlap_seconds: 86_401 }))).toBe(
      '400 out_of_range overlap_seconds',
    );
    expect(told(await at.admin('POST', `/${id}/api-keys/${key_id}/rotate`))).toBe('409 invalid_state');
  });

  it('deleted open nothing and are not there any more', async () => {
    const { id } = await at.tenant();
    const key = await made(id);
    expect((await get('/v1/accounts', key.full)).status).toBe(200);
    expect((await at.admin('DELETE', `/${id}/api-keys/${key.id}`)).status).toBe(204);
    expect(told(await get('/v1/accounts', key.full))).toBe('401 revoked_key');
    expect(told(await at.admin('GET', `/${id}/api-keys/${key.id}`))).toBe('404 api_key_not_found');
    expect((await at.admin('GET', `/${id}/api-keys`)).body).toEqual({ keys: [] });
    expect(told(await at.admin('DELETE', `/${id}/api-keys/${key.id}`))).toBe('404 api_key_not_found');
    const { id: other } = await at.tenant();
    const theirs = await made(id);
    expect(told(await at.admin('DELETE', `/${other}/api-keys/${theirs.id}`))).toBe('404 api_key_not_found');
    expect((await get('/v1/accounts', theirs.full)).status).toBe(200);
  });

  it.each([
    ['rotated', 'POST', '/rotate', 201],
    ['deleted', 'DELETE', '', 204],
  ] as const)('%s are told to nobody any more, nor to who asks for one again', async (_how, method, path, status) => {
    const { id } = await at.tenant();
    const asked = { 'idempotency-key': `make-${id}` };
    const make = (): Promise<Reply> => at.admin('POST', `/${id}/api-keys`, { scopes: ['accounts:read'] }, asked);
    const first = await make();
    expect((await make()).body).toEqual(first.body);
    const { key_id } = first.body.key as { key_id: string };
    expect((await at.admin(method, `/${id}/api-keys/${key_id}${path}`)).status).toBe(status);
    const again = await make();
    expect([again.status, again.body]).toEqual([201, { ...first.body, full_key: null }]);
  });

  it('for trying out belong to the live tenant’s sandbox twin, of which there is one', async () => {
    const { id, workspace_id } = await at.tenant();
    const keys = await Promise.all([1, 2, 3].map(() => made(id, { prefix: 'test' })));
    const [first] = keys;
    expect(new Set(keys.map(({ tenantId }) => tenantId)).size).toBe(1);
    expect(first!.tenantId).not.toBe(id);
    expect(first!.full).toMatch(/^qp_sk_sandbox_/);
    expect((await get('/v1/tenant', first!.full)).body).toMatchObject({
      id: first!.tenantId,
      environment: 'sandbox',
      workspace_id,
      name: 'Acme Payments Ltd',
    });
    expect((await at.admin('GET', `/${id}/api-keys`)).body).toEqual({ keys: [] });
    expect(
      told(await at.admin('POST', `/${first!.tenantId}/api-keys`, { scopes: ['accounts:read'], prefix: 'prod' })),
    ).toBe('400 invalid_parameter prefix');
    expect((await made(first!.tenantId, { prefix: 'test' })).tenantId).toBe(first!.tenantId);
  });

  it('are limited as they say, and say so', async () => {
    const { id } = await at.tenant();
    const key = await made(id, { rate_limit_per_min: 2 });
    const answers = [];
    for (let i = 0; i < 3; i += 1) answers.push(await get('/v1/accounts', key.full));
    expect(answers.map(told)).toEqual(['200', '200', '429 key_limit']);
    expect(answers[0]!.headers.ratelimit).toBe('"minute";r=1;t=60');
    await at.admin('PATCH', `/${id}/api-keys/${key.id}`, { rate_limit_per_min: 5 });
    // Instances are told of a key's new limits; a refused call is counted nowhere.
    for (const deadline = Date.now() + 20_000; ; await sleep(20)) {
      const { status } = await get('/v1/accounts', key.full);
      if (status === 200) break;
      if (Date.now() > deadline) throw new Error(`still ${status}`);
    }
  });
});

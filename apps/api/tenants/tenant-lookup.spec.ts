import type { Reads } from '../reads.js';
import { RecentWrites } from '../recent-writes.js';
import { TenantLookup } from './tenant-lookup.js';

/** `seen`: what the read model has of the tenant, asked once and again; `isThere`: whether its stream has begun. */
const lookup = (seen: readonly (object | null)[], isThere: boolean): { readonly of: TenantLookup; waits: number } => {
  const told = [...seen];
  const counted = { waits: 0 };
  const reads = {
    tenant: () => Promise.resolve({ revision: 0, resource: told.shift() ?? null }),
    waitFor: () => Promise.resolve((counted.waits += 1) > 0),
  } as unknown as Reads;
  const store = { head: () => Promise.resolve(isThere ? ({ revision: 0 } as never) : null) };
  return Object.assign(counted, { of: new TenantLookup(reads, new RecentWrites(), store) });
};

it.each([
  ['that the read model has is answered at once', [{ id: 'a' }], true, { id: 'a' }, 0],
  ['that another instance has just made is waited for', [null, { id: 'a' }], true, { id: 'a' }, 1],
])('a tenant %s', async (_, seen, isThere, resource, waits) => {
  const asked = lookup(seen, isThere);
  expect(await asked.of.mustExist('tnt_a')).toEqual(resource);
  expect(asked.waits).toBe(waits);
});

it.each([
  ['that there is none of is not waited for', false, 'tenant_not_found', 0],
  ['that stays unreadable is no 404', true, 'read_model_behind', 1],
])('a tenant %s', async (_, isThere, code, waits) => {
  const asked = lookup([null, null], isThere);
  await expect(asked.of.mustExist('tnt_a')).rejects.toMatchObject({ code });
  expect(asked.waits).toBe(waits);
});

import { NEWEST_API_VERSION } from '#contract/api-versions.js';
import { TenantVersions } from './tenant-versions.js';

describe('the versions that tenants are answered in', () => {
  const PINNED = '2025-11-01';
  const questions: (readonly string[])[] = [];
  const source = {
    apiVersions: (tenantIds: readonly string[]) => {
      questions.push(tenantIds);
      return Promise.resolve(new Map([['tnt_a', PINNED]]));
    },
  };
  beforeEach(() => void questions.splice(0));

  it('asks once for all that are wanted together', async () => {
    const versions = new TenantVersions(source);
    const told = await Promise.all(['tnt_a', 'tnt_b', 'tnt_a'].map(async (tenantId) => versions.of(tenantId)));
    expect(told).toEqual([PINNED, NEWEST_API_VERSION, PINNED]);
    expect(questions).toEqual([['tnt_a', 'tnt_b']]);
  });

  it('answers at once what it asked for a moment ago', async () => {
    const versions = new TenantVersions(source);
    await versions.of('tnt_a');
    expect(versions.of('tnt_a')).toBe(PINNED);
    expect(questions).toHaveLength(1);
  });

  it('asks again after a question that failed', async () => {
    let fails = true;
    const versions = new TenantVersions({
      apiVersions: (tenantIds) =>
        fails ? Promise.reject(new Error('the database is away')) : source.apiVersions(tenantIds),
    });
    await expect(versions.of('tnt_a')).rejects.toThrow('the database is away');
    fails = false;
    expect(await versions.of('tnt_a')).toBe(PINNED);
  });
});

import { NEWEST_API_VERSION } from '#contract/api-versions.js';
import { KnownTraits, type TenantTraits } from './tenant-traits.js';

describe('what is known of tenants on every request', () => {
  const PINNED = '2025-11-01';
  const questions: (readonly string[])[] = [];
  const source = {
    traits: (tenantIds: readonly string[]) => {
      questions.push(tenantIds);
      return Promise.resolve(new Map<string, TenantTraits>([['tnt_a', { apiVersion: PINNED, tier: 'free' }]]));
    },
  };
  beforeEach(() => void questions.splice(0));

  it('asks once for all that are wanted together', async () => {
    const { versionOf, tierOf } = new KnownTraits(source);
    const told = await Promise.all([versionOf('tnt_a'), versionOf('tnt_b'), tierOf('tnt_a'), tierOf('tnt_b')]);
    expect(told).toEqual([PINNED, NEWEST_API_VERSION, 'free', null]);
    expect(questions).toEqual([['tnt_a', 'tnt_b']]);
  });

  it('answers at once what it asked for a moment ago', async () => {
    const { versionOf, tierOf } = new KnownTraits(source);
    await versionOf('tnt_a');
    expect(versionOf('tnt_a')).toBe(PINNED);
    expect(tierOf('tnt_a')).toBe('free');
    expect(questions).toHaveLength(1);
  });

  it('asks again after a question that failed', async () => {
    let fails = true;
    const { versionOf } = new KnownTraits({
      traits: (tenantIds) => (fails ? Promise.reject(new Error('the database is away')) : source.traits(tenantIds)),
    });
    await expect(versionOf('tnt_a')).rejects.toThrow('the database is away');
    fails = false;
    expect(await versionOf('tnt_a')).toBe(PINNED);
  });
});

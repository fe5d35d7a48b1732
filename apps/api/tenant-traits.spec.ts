import { NEWEST_API_VERSION } from '#contract/api-versions.js';
import { KnownTraits, type TenantTraits } from './tenant-traits.js';

describe('what is known of tenants on every request', () => {
  const PINNED = '2025-11-01';
  const questions: (readonly string[])[] = [];
  const source = {
    traits: (tenantIds: readonly string[]) => {
      questions.push(tenantIds);
      return Promise.resolve(
        new Map<string, TenantTraits>([
          ['tnt_a', { apiVersion: PINNED, tier: 'free', environment: 'live', ...entitled }],
        ]),
      );
    },
  };
  const off = { 'accounts.read': { enabled: false, config: {} } } as const;
  /** What the read model says of it. */
  let entitled: Pick<TenantTraits, 'entitlements' | 'entitledAt'>;
  beforeEach(() => {
    questions.splice(0);
    entitled = { entitlements: {}, entitledAt: -1 };
  });

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

  it('takes a version that was pinned here for the tenant’s until the read model must know of it', async () => {
    let now = 0;
    const { versionOf, noteVersion } = new KnownTraits(source, () => now);
    expect(await versionOf('tnt_a')).toBe(PINNED);
    noteVersion('tnt_a', '2026-02-01');
    expect(versionOf('tnt_a')).toBe('2026-02-01');
    now = 10_000;
    expect(await versionOf('tnt_a')).toBe(PINNED);
  });

  it('says what a tenant is entitled to, with what was never changed as it is by default', async () => {
    const { isEntitled } = new KnownTraits(source);
    entitled = { entitlements: off, entitledAt: 7 };
    expect(await isEntitled('tnt_a', 'accounts.read')).toBe(false);
    expect(isEntitled('tnt_a', 'accounts.write')).toBe(true);
    expect(isEntitled('tnt_a', 'payouts.write')).toBe(false);
    expect(await isEntitled('tnt_unknown', 'accounts.read')).toBe(true);
  });

  it('knows at once what was changed here, before the read model tells of it, and then goes by that', async () => {
    let now = 0;
    const { isEntitled, noteEntitlements } = new KnownTraits(source, () => now);
    expect(await isEntitled('tnt_a', 'accounts.read')).toBe(true);
    noteEntitlements('tnt_a', off, 7);
    // Receipts come in any order.
    noteEntitlements('tnt_a', {}, 6);
    expect(isEntitled('tnt_a', 'accounts.read')).toBe(false);
    now += 1_001;
    expect(await isEntitled('tnt_a', 'accounts.read')).toBe(false);
    // Changed again by another instance.
    entitled = { entitlements: {}, entitledAt: 8 };
    expect(isEntitled('tnt_a', 'accounts.read')).toBe(false);
    now += 1_001;
    expect(await isEntitled('tnt_a', 'accounts.read')).toBe(true);
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

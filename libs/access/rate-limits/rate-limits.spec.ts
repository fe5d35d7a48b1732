import type { Tier } from '#domain/tenants/tenants.js';
import type { TenantPrincipal } from '../principal.js';
import { ProcessCounters, type RateCounters } from './counters.js';
import { RateLimits, type RateVerdict } from './rate-limits.js';

const key = (tenantId: string, keyId: string, perMinute: number | null, perDay: number | null): TenantPrincipal => ({
  plane: 'tenant',
  tenantId,
  environment: 'live',
  callerId: keyId,
  scopes: new Set(),
  limits: { perMinute, perDay },
});

describe('rate limits', () => {
  let now = 0;
  const tiers = new Map<string, Tier>();
  const limits = (counters: RateCounters = new ProcessCounters(() => now)): RateLimits =>
    new RateLimits(counters, (tenantId) => tiers.get(tenantId) ?? null);
  const count = (of: RateLimits, caller: TenantPrincipal): RateVerdict => of.count(caller) as RateVerdict;
  beforeEach(() => {
    now = 0;
    tiers.clear();
  });

  it('are told in the words of the draft, and of the window of which the least is left', () => {
    expect(count(limits(), key('tnt_1', 'key_1', 200, 50_000))).toEqual({
      policy: '"minute";q=200;w=60, "day";q=50000;w=86400',
      state: '"minute";r=199;t=60, "day";r=49999;t=86400',
      nearest: { resource: 'minute', limit: 200, remaining: 199, resetMs: 60_000 },
      refused: null,
    });
  });

  it('refuse by the window that lasts longest of those that are used up', () => {
    const of = limits();
    const caller = key('tnt_1', 'key_1', 2, 3);
    const codes = [1, 2, 3].map(() => count(of, caller).refused);
    expect(codes).toEqual([null, null, { code: 'key_limit', retryAfterMs: 60_000 }]);
    now = 60_000;
    expect(count(of, caller).refused).toBeNull();
    expect(count(of, caller)).toMatchObject({
      state: '"minute";r=1;t=60, "day";r=0;t=86340',
      nearest: { resource: 'day', remaining: 0 },
      refused: { code: 'key_limit', retryAfterMs: 86_340_000 },
    });
  });

  it.each<[Tier, number | null, string | null]>([
    ['free', 600, '"tenant-minute";q=600;w=60, "tenant-day";q=50000;w=86400'],
    ['paid', 6_000, '"tenant-minute";q=6000;w=60, "tenant-day";q=1000000;w=86400'],
    ['enterprise', null, null],
  ])('a %s tenant’s keys together have %s calls a minute', (tier, ceiling, policy) => {
    tiers.set('tnt_1', tier);
    const of = limits();
    const callers = Array.from({ length: 5 }, (_, i) => key('tnt_1', `key_${i}`, null, null));
    const told = Array.from({ length: 6_100 }, (_, i) => of.count(callers[i % 5]!) as RateVerdict | null);
    expect(told[0]?.policy ?? null).toBe(policy);
    const taken = told.filter((one) => one === null || one.refused === null).length;
    expect(taken).toBe(ceiling ?? 6_100);
    if (ceiling !== null) expect(told.at(-1)?.refused?.code).toBe('tenant_limit');
  });

  it('one tenant’s calls use up nothing of another’s, and one key’s refused calls nothing of its tenant’s', () => {
    tiers.set('tnt_1', 'free').set('tnt_2', 'free');
    const of = limits();
    const noisy = key('tnt_1', 'key_1', 10, null);
    for (let i = 0; i < 5_000; i += 1) count(of, noisy);
    expect(count(of, key('tnt_1', 'key_2', null, null)).state).toContain('"tenant-minute";r=589;');
    expect(count(of, key('tnt_2', 'key_3', null, null)).state).toContain('"tenant-minute";r=599;');
  });

  it('follow the tier and the key’s limits as they change', () => {
    tiers.set('tnt_1', 'free');
    const of = limits();
    const caller = key('tnt_1', 'key_1', 5, null);
    expect(count(of, caller).policy).toContain('"tenant-minute";q=600');
    tiers.set('tnt_1', 'paid');
    expect(count(of, caller)).toMatchObject({ state: expect.stringContaining('"tenant-minute";r=5998;') as string });
    expect(count(of, key('tnt_1', 'key_1', 9, null)).state).toContain('"minute";r=6;');
  });

  it('let through whose tier can’t be told, by the key’s own limits', async () => {
    const of = new RateLimits(new ProcessCounters(), () => Promise.reject(new Error('the database is away')));
    expect(await of.count(key('tnt_1', 'key_1', 1, null))).toMatchObject({
      policy: '"minute";q=1;w=60',
      refused: null,
    });
    expect(await of.count(key('tnt_1', 'key_1', 1, null))).toMatchObject({ refused: { code: 'key_limit' } });
  });

  it('wait for counters that are elsewhere', async () => {
    const of = limits({ count: () => Promise.resolve({ taken: true, used: [3], resetMs: [1_500] }) });
    expect(await of.count(key('tnt_1', 'key_1', 5, null))).toMatchObject({ state: '"minute";r=2;t=2', refused: null });
  });
});

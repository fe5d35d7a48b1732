import { ceilingOf } from '#domain/api-keys/terms.js';
import type { Tier } from '#domain/tenants/tenants.js';
import type { ErrorCode } from '#contract/problems.js';
import type { TenantPrincipal } from '../principal.js';
import type { Counted, RateCounters, RateWindow } from './counters.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Who calls, as far as limits go. */
type Caller = Pick<TenantPrincipal, 'tenantId' | 'callerId' | 'limits'>;

/** Where a call stands, in the words of its answer's headers. */
export interface RateVerdict {
  /** `RateLimit-Policy` of draft-ietf-httpapi-ratelimit-headers: all windows there are. */
  readonly policy: string;
  /** `RateLimit`: what is left of each (`r`) and the seconds until it begins again (`t`). */
  readonly state: string;
  /** The window of which the least is left. */
  readonly nearest: {
    readonly resource: string;
    readonly limit: number;
    readonly remaining: number;
    /** Milliseconds until it begins again. */
    readonly resetMs: number;
  };
  /** Null: let through. */
  readonly refused: {
    readonly code: Extract<ErrorCode, 'key_limit' | 'tenant_limit'>;
    readonly retryAfterMs: number;
  } | null;
}

export type TierOf = (tenantId: string) => Tier | null | Promise<Tier | null>;

interface Plan {
  readonly tier: Tier | null;
  readonly windows: readonly RateWindow[];
  readonly policy: string;
}

/**
 * How often a tenant's keys and users may call: each by its own limits, and all of a tenant's together by the ceiling of its
 * tier, which is what one key may have at most. Every tenant has counters of its own, so none uses up another's. Real time.
 */
export class RateLimits {
  /** By the caller itself, which is one object as long as it is in memory. */
  readonly #plans = new WeakMap<Caller['limits'], Plan>();

  /** `tierOf`: null for a tenant that is not known yet; it then has no ceiling. */
  constructor(
    private readonly counters: RateCounters,
    private readonly tierOf: TierOf,
  ) {}

  /** Counts a call, unless it is refused. Null: nothing limits it. */
  count(caller: Caller): RateVerdict | null | Promise<RateVerdict | null> {
    const tier = this.tierOf(caller.tenantId);
    return tier === null || typeof tier === 'string'
      ? this.#countAt(caller, tier)
      : // Who can't tell the tier now is no reason to refuse a call.
        tier.then(
          (known) => this.#countAt(caller, known),
          () => this.#countAt(caller, null),
        );
  }

  #countAt(caller: Caller, tier: Tier | null): RateVerdict | null | Promise<RateVerdict | null> {
    const plan = this.#planOf(caller, tier);
    if (plan.windows.length === 0) return null;
    const counted = this.counters.count(plan.windows);
    return counted instanceof Promise ? counted.then((told) => verdictOf(plan, told)) : verdictOf(plan, counted);
  }

  #planOf(caller: Caller, tier: Tier | null): Plan {
    const known = this.#plans.get(caller.limits);
    if (known !== undefined && known.tier === tier) return known;
    const windows = windowsOf(caller, tier);
    const policy = windows.map(({ name, calls, ms }) => `"${name}";q=${calls};w=${ms / 1000}`).join(', ');
    const plan = { tier, windows, policy };
    this.#plans.set(caller.limits, plan);
    return plan;
  }
}

/** The braces keep all counters of a tenant on one node of a Redis cluster. */
const windowsOf = ({ tenantId, callerId, limits }: Caller, tier: Tier | null): RateWindow[] => {
  const window = (name: string, whose: string, calls: number | null, ms: number): RateWindow[] =>
    calls === null ? [] : [{ name, calls, ms, counter: `{${tenantId}}:${whose}:${ms / 1000}` }];
  return [
    ...window('minute', callerId, limits.perMinute, MINUTE_MS),
    ...window('day', callerId, limits.perDay, DAY_MS),
    ...window('tenant-minute', 'all', tier && ceilingOf(tier, 'rate_limit_per_min'), MINUTE_MS),
    ...window('tenant-day', 'all', tier && ceilingOf(tier, 'rate_limit_per_day'), DAY_MS),
  ];
};

const verdictOf = ({ windows, policy }: Plan, { taken, used, resetMs }: Counted): RateVerdict => {
  let state = '';
  let nearest = 0;
  let least = Infinity;
  let longest = -1;
  for (let i = 0; i < windows.length; i += 1) {
    const { name, calls } = windows[i]!;
    const remaining = Math.max(0, calls - used[i]!);
    state += `${i === 0 ? '' : ', '}"${name}";r=${remaining};t=${Math.ceil(resetMs[i]! / 1000)}`;
    // Of two that are used up, the one that lasts longer is what the caller waits for.
    if (remaining < least || (remaining === least && resetMs[i]! > resetMs[nearest]!)) {
      nearest = i;
      least = remaining;
    }
    if (remaining === 0 && (longest === -1 || resetMs[i]! > resetMs[longest]!)) longest = i;
  }
  const { name, calls } = windows[nearest]!;
  return {
    policy,
    state,
    nearest: { resource: name, limit: calls, remaining: least, resetMs: resetMs[nearest]! },
    refused: taken
      ? null
      : {
          code: windows[longest]!.name.startsWith('tenant') ? 'tenant_limit' : 'key_limit',
          retryAfterMs: resetMs[longest]!,
        },
  };
};

import type { Logger } from 'pino';
import { Counter, type Registry } from 'prom-client';
import { ProcessCounters, type RateCounters } from '#access/rate-limits/counters.js';
import { RateLimits, type RateVerdict, type TierOf } from '#access/rate-limits/rate-limits.js';
import { RedisCounters } from '#access/rate-limits/redis-counters.js';
import { Strangers } from '#access/rate-limits/strangers.js';
import type { TenantPrincipal } from '#access/principal.js';
import type { Probe } from './installation/installation.controller.js';

export interface RateLimiting {
  count(principal: TenantPrincipal): RateVerdict | null | Promise<RateVerdict | null>;
  /** For what else is to be counted by all instances together. */
  readonly counters: RateCounters;
  /** By each instance for itself: what is guarded costs less than asking Redis. */
  readonly strangers: Strangers;
  readonly probes: readonly Probe[];
  close(): void;
}

interface Told {
  readonly logger: Logger;
  readonly metrics: Registry;
}

/** Counted in Redis where there is one, so by all instances together; else by each for itself. */
export const rateLimiting = (redisUrl: string | null, tierOf: TierOf, { logger, metrics }: Told): RateLimiting => {
  const refused = new Counter({
    name: 'daybook_rate_limited_total',
    help: 'Calls refused because a limit was reached.',
    labelNames: ['code'],
    registers: [metrics],
  });
  const told = (verdict: RateVerdict | null): RateVerdict | null => {
    if (verdict?.refused) refused.inc({ code: verdict.refused.code });
    return verdict;
  };
  const redis = redisUrl === null ? null : redisCounters(redisUrl, logger);
  const counters = redis ?? new ProcessCounters();
  const limits = new RateLimits(counters, tierOf);
  return {
    counters,
    strangers: new Strangers(),
    count: (principal) => {
      const verdict = limits.count(principal);
      return verdict instanceof Promise ? verdict.then(told) : told(verdict);
    },
    probes:
      redis === null
        ? []
        : [{ name: 'rate limits', severity: 'warning', trouble: () => Promise.resolve(redis.trouble) }],
    close: () => redis?.close(),
  };
};

const redisCounters = (url: string, logger: Logger): RedisCounters =>
  new RedisCounters(url, {
    onTrouble: (err) =>
      err === null
        ? logger.info('Redis answers again: calls are counted by all instances together')
        : logger.error({ err }, 'Redis does not answer: each instance counts calls by itself'),
  });

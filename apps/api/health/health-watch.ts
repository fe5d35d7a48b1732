import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { Gauge, type Registry } from 'prom-client';
import { HEALTH_INDICATORS, isCrossing, isHealthIndicator, type HealthIndicator } from '#domain/health/health.js';
import type { Clock, Engine } from '#engine/ports.js';
import { allBeyond, tenantsAfter } from '#projections/health-alerts/health-alerts.queries.js';
import type { Reads } from '../reads.js';
import type { INDICATORS } from './indicators.js';

const LOOK_EVERY_MS = 30_000;
/** Of all tenants so many are measured in one look, in turn; beside them those that are beyond a threshold. */
const TENANTS_AT_ONCE = 100;

interface Measured {
  readonly name: keyof typeof INDICATORS;
  readonly of: string | null;
  readonly value: number | null;
  readonly unit: 'percent' | 'count';
  readonly threshold: { readonly above?: number } | null;
  readonly status: 'ok' | 'warning' | 'no_data';
}

/** Hundredths of a percent, or how many. */
const whole = (value: number, { unit }: Measured): number => (unit === 'percent' ? Math.round(value * 100) : value);

/**
 * Measures tenants' health and tells the ledger where a threshold is crossed. Each process that has an engine has one, and they
 * need not agree: the writer tells of a crossing once, whoever measures it.
 */
export class HealthWatch {
  private last = '';
  /** What was beyond its threshold when it was measured last, by tenant. */
  private readonly warnings = new Map<string, readonly Measured[]>();

  constructor(
    /** Of the role `engine`. */
    private readonly pool: Pick<pg.Pool, 'query'>,
    private readonly engine: Engine,
    private readonly reads: Pick<Reads, 'health'>,
    private readonly clock: Clock,
    private readonly onTrouble: (error: unknown) => void,
    private readonly tenantsAtOnce = TENANTS_AT_ONCE,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const pause = LOOK_EVERY_MS * (0.5 + Math.random());
      await sleep(pause, undefined, { signal, ref: false }).catch(() => undefined);
      if (!signal.aborted) await this.look().catch(this.onTrouble);
    }
  }

  /** Once. Rejects where it can't be told whom to look at; one tenant's trouble is not the others'. */
  async look(): Promise<void> {
    const beyond = new Map<string, Set<string>>();
    for (const { tenantId, indicator } of await allBeyond(this.pool)) {
      beyond.set(tenantId, (beyond.get(tenantId) ?? new Set()).add(indicator));
    }
    const turn = await tenantsAfter(this.pool, this.last, this.tenantsAtOnce);
    this.last = turn.length < this.tenantsAtOnce ? '' : turn.at(-1)!;
    for (const tenantId of new Set([...beyond.keys(), ...turn])) {
      await this.measure(tenantId, beyond.get(tenantId) ?? new Set()).catch(this.onTrouble);
    }
  }

  /** What is beyond its threshold now, of the tenants that were looked at last. */
  observe(metrics: Registry): void {
    const { warnings } = this;
    new Gauge({
      name: 'daybook_health_warnings',
      help: 'Tenants that are beyond a threshold, as measured last',
      labelNames: ['indicator'],
      registers: [metrics],
      collect() {
        const all = [...warnings.values()];
        for (const indicator of ['coverage_ratio', ...HEALTH_INDICATORS]) {
          this.set({ indicator }, all.filter((measured) => measured.some(({ name }) => name === indicator)).length);
        }
      },
    });
  }

  private async measure(tenantId: string, beyond: ReadonlySet<string>): Promise<void> {
    const { resource } = await this.reads.health(tenantId, { now: Date.now(), business: this.clock.now() });
    const measured = ((resource?.indicators ?? []) as readonly Measured[]).filter(
      ({ threshold }) => threshold !== null,
    );
    const warnings = measured.filter(({ status }) => status === 'warning');
    if (warnings.length === 0) this.warnings.delete(tenantId);
    else this.warnings.set(tenantId, warnings);
    const measures: Partial<Record<HealthIndicator, number | null>> = {};
    for (const one of measured) {
      const { name, value, threshold } = one;
      if (!isHealthIndicator(name) || threshold?.above === undefined) continue;
      const exact = value === null ? null : whole(value, one);
      if (isCrossing(exact, whole(threshold.above, one), beyond.has(name))) measures[name] = exact;
    }
    if (Object.keys(measures).length > 0) await this.tell(tenantId, measures);
  }

  private async tell(tenantId: string, measures: Partial<Record<HealthIndicator, number | null>>): Promise<void> {
    await this.engine.execute({
      tenantId,
      command: { type: 'RecordHealth', data: { measures } },
      issuer: { plane: 'system', keyId: null, entitlement: null },
      actor: 'system',
      requestId: null,
      apiVersion: null,
      ip: null,
      idempotency: null,
    });
  }
}

import { NEWEST_API_VERSION } from '#contract/api-versions.js';
import type { Tier } from '#domain/tenants/tenants.js';

/** What was changed on another instance is noticed after this many milliseconds at the latest. */
const FRESH_MS = 1_000;
const REMEMBERED = 10_000;

/** What every request needs to know of its tenant. */
export interface TenantTraits {
  /** The API version that applies without a header: the pin, else the one of its creation. */
  readonly apiVersion: string;
  /** Null: the tenant is not known yet. */
  readonly tier: Tier | null;
}

export interface TraitsSource {
  /** Of these tenants, as far as they are known. */
  traits(tenantIds: readonly string[]): Promise<ReadonlyMap<string, TenantTraits>>;
}

const UNKNOWN: TenantTraits = { apiVersion: NEWEST_API_VERSION, tier: null };

/** Traits of tenants, at most a second old. */
export class KnownTraits {
  private readonly known = new Map<string, { readonly traits: TenantTraits; readonly until: number }>();
  private wanted = new Set<string>();
  private answer: Promise<ReadonlyMap<string, TenantTraits>> | null = null;

  constructor(private readonly source: TraitsSource) {}

  readonly versionOf = (tenantId: string): string | Promise<string> => {
    const traits = this.of(tenantId);
    return traits instanceof Promise ? traits.then(({ apiVersion }) => apiVersion) : traits.apiVersion;
  };

  readonly tierOf = (tenantId: string): Tier | null | Promise<Tier | null> => {
    const traits = this.of(tenantId);
    return traits instanceof Promise ? traits.then(({ tier }) => tier) : traits.tier;
  };

  private of(tenantId: string): TenantTraits | Promise<TenantTraits> {
    const known = this.known.get(tenantId);
    return known !== undefined && performance.now() < known.until ? known.traits : this.ask(tenantId);
  }

  /** One query for all that are asked for in a turn of the event loop: of many tenants, each is asked for every second. */
  private async ask(tenantId: string): Promise<TenantTraits> {
    this.wanted.add(tenantId);
    this.answer ??= new Promise((resolve) => setImmediate(resolve)).then(() => this.look());
    const traits = (await this.answer).get(tenantId) ?? UNKNOWN;
    if (this.known.size >= REMEMBERED) this.known.clear();
    this.known.set(tenantId, { traits, until: performance.now() + FRESH_MS });
    return traits;
  }

  private look(): Promise<ReadonlyMap<string, TenantTraits>> {
    const wanted = [...this.wanted];
    this.wanted = new Set();
    this.answer = null;
    return this.source.traits(wanted);
  }
}

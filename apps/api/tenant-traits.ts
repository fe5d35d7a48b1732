import { NEWEST_API_VERSION } from '#contract/api-versions.js';
import { isEntitled, type EntitlementKey, type EntitlementMap } from '#domain/entitlements/entitlements.js';
import type { Environment, Tier } from '#domain/tenants/tenants.js';

/** What was changed on another instance is noticed after this many milliseconds at the latest. */
const FRESH_MS = 1_000;
const REMEMBERED = 10_000;
/** How long a version that was pinned here is taken for the tenant's, whatever the read model says: longer than it lags. */
const PINNED_MS = 5_000;

/** What every request needs to know of its tenant. */
export interface TenantTraits {
  /** The API version that applies without a header: the pin, else the one of its creation. */
  readonly apiVersion: string;
  /** Null: the tenant is not known yet. */
  readonly tier: Tier | null;
  readonly environment: Environment | null;
  readonly entitlements: EntitlementMap;
  /** Revision of the change that the entitlements are by; −1: of none. */
  readonly entitledAt: number;
}

export interface TraitsSource {
  /** Of these tenants, as far as they are known. */
  traits(tenantIds: readonly string[]): Promise<ReadonlyMap<string, TenantTraits>>;
}

const UNKNOWN: TenantTraits = {
  apiVersion: NEWEST_API_VERSION,
  tier: null,
  environment: null,
  entitlements: {},
  entitledAt: -1,
};

/** Traits of tenants, at most a second old. */
export class KnownTraits {
  private readonly known = new Map<string, { readonly traits: TenantTraits; readonly until: number }>();
  private wanted = new Set<string>();
  private answer: Promise<ReadonlyMap<string, TenantTraits>> | null = null;

  /** Versions that were pinned here and that the source may not tell of yet. */
  private readonly pinned = new Map<string, { readonly version: string; readonly until: number }>();

  /** Entitlements that were changed here and that the source may not tell of yet. */
  private readonly changed = new Map<string, { readonly map: EntitlementMap; readonly at: number }>();

  constructor(
    private readonly source: TraitsSource,
    private readonly now: () => number = () => performance.now(),
  ) {}

  readonly versionOf = (tenantId: string): string | Promise<string> => {
    const pinned = this.pinned.get(tenantId);
    if (pinned !== undefined && this.now() < pinned.until) return pinned.version;
    if (pinned !== undefined) this.pinned.delete(tenantId);
    const traits = this.of(tenantId);
    return traits instanceof Promise ? traits.then(({ apiVersion }) => apiVersion) : traits.apiVersion;
  };

  /** A version that was pinned on this instance holds here at once; on the others when they ask again. */
  readonly noteVersion = (tenantId: string, version: string): void => {
    if (this.pinned.size >= REMEMBERED) this.pinned.clear();
    this.pinned.set(tenantId, { version, until: this.now() + PINNED_MS });
  };

  readonly tierOf = (tenantId: string): Tier | null | Promise<Tier | null> => {
    const traits = this.of(tenantId);
    return traits instanceof Promise ? traits.then(({ tier }) => tier) : traits.tier;
  };

  /** Null: the tenant is not known yet. */
  readonly tenantOf = async (
    tenantId: string,
  ): Promise<{ readonly environment: Environment; readonly tier: Tier } | null> => {
    const { environment, tier } = await this.of(tenantId);
    return environment === null || tier === null ? null : { environment, tier };
  };

  readonly isEntitled = (tenantId: string, key: EntitlementKey): boolean | Promise<boolean> => {
    const traits = this.of(tenantId);
    return traits instanceof Promise
      ? traits.then((known) => isEntitled(this.entitlementsOf(tenantId, known), key))
      : isEntitled(this.entitlementsOf(tenantId, traits), key);
  };

  /** Entitlements that were changed on this instance hold here at once; on the others when they ask again. */
  readonly noteEntitlements = (tenantId: string, map: EntitlementMap, revision: number): void => {
    if ((this.changed.get(tenantId)?.at ?? -1) < revision) this.changed.set(tenantId, { map, at: revision });
  };

  private entitlementsOf(tenantId: string, { entitlements, entitledAt }: TenantTraits): EntitlementMap {
    const changed = this.changed.get(tenantId);
    if (changed === undefined) return entitlements;
    if (changed.at > entitledAt) return changed.map;
    this.changed.delete(tenantId);
    return entitlements;
  }

  private of(tenantId: string): TenantTraits | Promise<TenantTraits> {
    const known = this.known.get(tenantId);
    return known !== undefined && this.now() < known.until ? known.traits : this.ask(tenantId);
  }

  /** One query for all that are asked for in a turn of the event loop: of many tenants, each is asked for every second. */
  private async ask(tenantId: string): Promise<TenantTraits> {
    this.wanted.add(tenantId);
    this.answer ??= new Promise((resolve) => setImmediate(resolve)).then(() => this.look());
    const traits = (await this.answer).get(tenantId) ?? UNKNOWN;
    if (this.known.size >= REMEMBERED) this.known.clear();
    this.known.set(tenantId, { traits, until: this.now() + FRESH_MS });
    return traits;
  }

  private look(): Promise<ReadonlyMap<string, TenantTraits>> {
    const wanted = [...this.wanted];
    this.wanted = new Set();
    this.answer = null;
    return this.source.traits(wanted);
  }
}

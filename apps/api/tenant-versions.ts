import { NEWEST_API_VERSION } from '#contract/api-versions.js';

/** A pin that was changed on another instance is noticed after this many milliseconds at the latest. */
const FRESH_MS = 1_000;
const REMEMBERED = 10_000;

export interface ApiVersions {
  /** Of these tenants, as far as they are known. */
  apiVersions(tenantIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

/** The API version that applies to a tenant without a header: its pin, else the one of its creation. */
export class TenantVersions {
  private readonly known = new Map<string, { readonly version: string; readonly until: number }>();
  private wanted = new Set<string>();
  private answer: Promise<ReadonlyMap<string, string>> | null = null;

  constructor(private readonly source: ApiVersions) {}

  readonly of = (tenantId: string): string | Promise<string> => {
    const known = this.known.get(tenantId);
    return known !== undefined && performance.now() < known.until ? known.version : this.ask(tenantId);
  };

  /** One query for all that are asked for in a turn of the event loop: of many tenants, each is asked for every second. */
  private async ask(tenantId: string): Promise<string> {
    this.wanted.add(tenantId);
    this.answer ??= new Promise((resolve) => setImmediate(resolve)).then(() => this.look());
    const version = (await this.answer).get(tenantId) ?? NEWEST_API_VERSION;
    if (this.known.size >= REMEMBERED) this.known.clear();
    this.known.set(tenantId, { version, until: performance.now() + FRESH_MS });
    return version;
  }

  private look(): Promise<ReadonlyMap<string, string>> {
    const wanted = [...this.wanted];
    this.wanted = new Set();
    this.answer = null;
    return this.source.apiVersions(wanted);
  }
}

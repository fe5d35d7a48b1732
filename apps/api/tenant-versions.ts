import { NEWEST_API_VERSION } from '#contract/api-versions.js';
import type { Reads } from './reads.js';

/** A pin that was changed on another instance is noticed after this many milliseconds at the latest. */
const FRESH_MS = 1_000;
const REMEMBERED = 10_000;

/** The API version that applies to a tenant without a header: its pin, else the one of its creation. */
export class TenantVersions {
  private readonly known = new Map<string, { readonly version: string; readonly until: number }>();

  constructor(private readonly reads: Pick<Reads, 'tenant'>) {}

  readonly of = (tenantId: string): string | Promise<string> => {
    const known = this.known.get(tenantId);
    return known !== undefined && performance.now() < known.until ? known.version : this.ask(tenantId);
  };

  private async ask(tenantId: string): Promise<string> {
    const { resource } = await this.reads.tenant(tenantId);
    const version = resource?.['api_version'] ?? NEWEST_API_VERSION;
    if (this.known.size >= REMEMBERED) this.known.clear();
    this.known.set(tenantId, { version: version as string, until: performance.now() + FRESH_MS });
    return version as string;
  }
}

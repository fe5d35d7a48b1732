import type { VersionUse } from '#access/version-uses/version-uses.js';

/** Which changes between API versions had anything to do in a tenant's calls: `VersionUseCounts` of `libs/access`. */
export interface VersionUses {
  note(tenantId: string, operation: string, changes: Iterable<string>): void;
  of(tenantId: string): Promise<readonly VersionUse[]>;
}

import { randomBytes } from 'node:crypto';
import type { RecentRead } from '#access/version-uses/recent-reads.js';
import { operationOf, type OperationName } from '#contract/operations.js';
import type { QueryParameter } from '#contract/query-parameters.js';

/** Where they are kept: `RecentReadLog` of `libs/access`. */
export interface KeptReads {
  note(tenantId: string, read: RecentRead): void;
  /** Newest first. */
  of(tenantId: string): Promise<readonly RecentRead[]>;
}

/** Whether a parameter says what somebody wrote: a name, an address, a reference. */
const isFree = (parameter: QueryParameter | undefined): boolean => {
  const { type, enum: values, pattern, format } = parameter?.schema ?? { type: 'string' };
  return type === 'string' && values === undefined && pattern === undefined && format === undefined;
};

/** The reads that sandbox tenants made last, so that they can be asked again in another version. */
export class RecentReads {
  /** Marks the requests of a rehearsal: they are neither remembered nor counted. Nobody outside this process knows it. */
  readonly token = randomBytes(18).toString('base64url');

  constructor(private readonly kept: KeptReads) {}

  /** What asks for something in free text is not kept: it may be about a person. */
  note(tenantId: string, read: { readonly operation: string; readonly path: string }): void {
    const { query = {} } = operationOf(read.operation as OperationName);
    const [, asked = ''] = read.path.split('?', 2);
    for (const name of new URLSearchParams(asked).keys()) {
      if (isFree(query[name] ?? query[`${name}[]`])) return;
    }
    this.kept.note(tenantId, read);
  }

  of(tenantId: string): Promise<readonly RecentRead[]> {
    return this.kept.of(tenantId);
  }
}

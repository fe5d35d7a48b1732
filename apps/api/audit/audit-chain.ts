import type pg from 'pg';
import { PLATFORM } from '#access/audit/audit-entry.js';
import type { AuditLog } from '#access/audit/audit-log.js';
import type { AuditOutcome, StoredAuditEntry } from '#contract/resources/audit-entry.js';
import type { AuditedCall } from '#platform/http/audited.js';
import { firstIdAt, lastIdAt } from '#projecting/listing.js';
import { withTenant } from '#projecting/tenant-session.js';

export interface AuditFilters {
  readonly actor?: string;
  readonly operation?: string;
  readonly outcome?: AuditOutcome;
  readonly request_id?: string;
  readonly resource_id?: string;
  /** Milliseconds since 1970, both included. */
  readonly from?: number;
  readonly to?: number;
}

export interface ChainQuery {
  readonly filters: AuditFilters;
  readonly order: 'asc' | 'desc';
  readonly limit: number;
  /** Entries behind this id, in the order; null: from its beginning. */
  readonly after: string | null;
}

export interface ChainLink {
  readonly entry: StoredAuditEntry;
  readonly hash: Uint8Array;
}

/** The audit log beside the stream of events: what the API adds to it and reads of it. */
export interface AuditChain {
  note(call: AuditedCall): void;
  /** Resolves when what was noted is written, or can't be. */
  written(): Promise<void>;
  /** Links of a tenant's chain (null: the platform's), with what was noted here before. */
  links(tenantId: string | null, query: ChainQuery): Promise<readonly ChainLink[]>;
}

const COLUMNS = ['actor', 'operation', 'outcome', 'request_id', 'resource_id'] as const;

const bounds = ({ from, to }: AuditFilters): (readonly [string, string])[] => [
  ...(from === undefined ? [] : [['>=', firstIdAt('aud', from)] as const]),
  ...(to === undefined ? [] : [['<=', lastIdAt('aud', to)] as const]),
];

export class PostgresAuditChain implements AuditChain {
  /** The pool's role is `daybook_app`. */
  constructor(
    private readonly log: AuditLog,
    private readonly pool: pg.Pool,
  ) {}

  readonly note = (call: AuditedCall): void => this.log.note({ ...call, tenantId: call.tenantId ?? PLATFORM });

  written(): Promise<void> {
    return this.log.flush();
  }

  async links(tenantId: string | null, { filters, order, limit, after }: ChainQuery): Promise<readonly ChainLink[]> {
    await this.log.flush();
    const whose = tenantId ?? PLATFORM;
    const values: unknown[] = [whose];
    const conditions = ['tenant_id = $1'];
    const where = (column: string, operator: string, value: unknown): void => {
      conditions.push(`${column} ${operator} $${values.push(value)}`);
    };
    for (const name of COLUMNS) if (filters[name] !== undefined) where(name, '=', filters[name]);
    for (const [operator, id] of bounds(filters)) where('audit_id', operator, id);
    if (after !== null) where('audit_id', order === 'desc' ? '<' : '>', after);
    const text = `SELECT entry, hash FROM daybook.audit_log WHERE ${conditions.join(' AND ')} ORDER BY audit_id ${order} LIMIT ${limit}`;
    const { data } = await withTenant(this.pool, whose, (session) =>
      session.rows<{ entry: string; hash: Buffer }>(text, values),
    );
    return data.map(({ entry, hash }) => ({ entry: JSON.parse(entry) as StoredAuditEntry, hash }));
  }
}

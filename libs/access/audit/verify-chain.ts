import type pg from 'pg';
import { chainedEntry, NO_ENTRY, type AuditEntry } from './audit-entry.js';

/** Entry as a chain holds it, with what its row repeats of it. */
export interface ChainRow {
  readonly sequence: number;
  readonly entry: string;
  readonly hash: Uint8Array;
  readonly columns: Readonly<
    Record<
      'id' | 'actor' | 'outcome' | 'operation' | 'request_id' | 'resource_id' | 'status' | 'count',
      string | number | null
    >
  >;
}

export interface ChainHead {
  readonly sequence: number;
  readonly hash: Uint8Array;
}

export type ChainReport =
  | { readonly isWhole: true; readonly entries: number; readonly head: ChainHead }
  /** `sequence`: the first that is wrong or missing. */
  | { readonly isWhole: false; readonly sequence: number; readonly fault: string };

/** Goes through a chain in its order: nothing changed, moved, removed or put in, up to where its head says it stands. */
export const verifyChain = async (
  tenantId: string,
  rows: AsyncIterable<ChainRow> | Iterable<ChainRow>,
  head: ChainHead | null,
): Promise<ChainReport> => {
  let at: ChainHead = { sequence: 0, hash: NO_ENTRY };
  for await (const row of rows) {
    const sequence = at.sequence + 1;
    const fault = faultOf(tenantId, sequence, at.hash, row);
    if (fault !== null) return { isWhole: false, sequence, fault };
    at = { sequence, hash: row.hash };
  }
  const end = head ?? { sequence: 0, hash: NO_ENTRY };
  if (at.sequence < end.sequence)
    return { isWhole: false, sequence: at.sequence + 1, fault: `missing: the chain goes up to ${end.sequence}` };
  if (at.sequence > end.sequence)
    return { isWhole: false, sequence: end.sequence + 1, fault: `beyond the chain’s head, which is ${end.sequence}` };
  if (Buffer.compare(at.hash, end.hash) !== 0)
    return { isWhole: false, sequence: at.sequence, fault: 'its hash is not the head’s' };
  return { isWhole: true, entries: at.sequence, head: at };
};

const faultOf = (tenantId: string, sequence: number, previous: Uint8Array, row: ChainRow): string | null => {
  if (row.sequence !== sequence) return `missing: the next entry is ${row.sequence}`;
  if (Buffer.compare(chainedEntry(previous, row.entry), row.hash) !== 0)
    return 'its hash does not follow from the one before';
  const entry = JSON.parse(row.entry) as AuditEntry;
  if (entry.tenant_id !== tenantId || entry.sequence !== sequence) return 'it is another chain’s';
  const other = Object.entries(row.columns).find(([name, value]) => entry[name as keyof AuditEntry] !== value);
  return other === undefined ? null : `its column ${other[0]} is not what the entry says`;
};

interface Row {
  readonly sequence: string;
  readonly entry: string;
  readonly hash: Buffer;
  readonly audit_id: string;
  readonly actor: string;
  readonly outcome: string;
  readonly operation: string | null;
  readonly request_id: string | null;
  readonly resource_id: string | null;
  readonly status: number;
  readonly count: number;
}

const PAGE = 1_000;

async function* rowsOf(session: Queries, tenantId: string): AsyncIterable<ChainRow> {
  for (let after = '0'; ;) {
    const { rows } = await session.query<Row>(
      `SELECT sequence, entry, hash, audit_id, actor, outcome, operation, request_id, resource_id, status, count FROM daybook.audit_log
        WHERE tenant_id = $1 AND sequence > $2 ORDER BY sequence LIMIT ${PAGE}`,
      [tenantId, after],
    );
    for (const { audit_id, sequence, entry, hash, ...columns } of rows)
      yield { sequence: Number(sequence), entry, hash, columns: { id: audit_id, ...columns } };
    if (rows.length < PAGE) return;
    after = rows.at(-1)!.sequence;
  }
}

type Queries = Pick<pg.ClientBase, 'query'>;

/** The chain of a tenant as its table holds it, in whatever session may read it; best on one snapshot. */
export const verifyTenantChain = async (session: Queries, tenantId: string): Promise<ChainReport> => {
  const { rows } = await session.query<{ sequence: string; hash: Buffer }>(
    'SELECT sequence, hash FROM daybook.audit_heads WHERE tenant_id = $1',
    [tenantId],
  );
  const [head] = rows;
  const standing = head === undefined ? null : { sequence: Number(head.sequence), hash: head.hash };
  return verifyChain(tenantId, rowsOf(session, tenantId), standing);
};

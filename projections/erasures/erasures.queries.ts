import type pg from 'pg';

/** An erasure whose rendered rows may still hold what the subject was called. */
export interface PendingErasure {
  readonly tenantId: string;
  readonly subjectId: string;
  /** Whether its key was dropped so long ago that no instance opens anything under it any more. */
  readonly settled: boolean;
}

const PENDING = `SELECT e.tenant_id, e.subject_id,
    k.erased_at IS NOT NULL AND k.erased_at < clock_timestamp() - $1 * interval '1 millisecond' AS settled
  FROM daybook.erasures e
  LEFT JOIN daybook.subject_keys k ON k.tenant_id = e.tenant_id AND k.subject = e.subject_id
  WHERE k.rows_blanked_at IS NULL ORDER BY random() LIMIT 100`;

/** Up to a hundred erasures of all tenants that are not complete, any of them: those that can’t be completed are not always first. The pool's role reads all tenants' rows. */
export const pendingErasures = async (
  pool: Pick<pg.Pool, 'query'>,
  settledAfterMs: number,
): Promise<readonly PendingErasure[]> => {
  const { rows } = await pool.query<{ tenant_id: string; subject_id: string; settled: boolean }>(PENDING, [
    settledAfterMs,
  ]);
  return rows.map(({ tenant_id, subject_id, settled }) => ({ tenantId: tenant_id, subjectId: subject_id, settled }));
};

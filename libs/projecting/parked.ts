import type pg from 'pg';
import type { Parked } from './positions.js';

type Database = Pick<pg.Client, 'query'>;

interface ParkedRow {
  readonly tenant_id: string;
  readonly projection_group: string;
  readonly revision: string;
  readonly event_id: string;
  readonly event_type: string;
  readonly reason: string;
  readonly retry: boolean;
  readonly parked_at: Date;
}

export interface ParkedTenant extends Parked {
  readonly parkedAt: Date;
  /** Somebody has asked that it be tried again. */
  readonly retry: boolean;
}

/** All tenants that stand still, those parked longest first. Over a connection of the role `projector` or `engine`. */
export const readParked = async (db: Database): Promise<ParkedTenant[]> => {
  const { rows } = await db.query<ParkedRow>('SELECT * FROM parked_tenants ORDER BY parked_at, tenant_id');
  return rows.map((row) => ({
    tenantId: row.tenant_id,
    group: row.projection_group,
    revision: Number(row.revision),
    eventId: row.event_id,
    eventType: row.event_type,
    reason: row.reason,
    retry: row.retry,
    parkedAt: row.parked_at,
  }));
};

/**
 * Has a tenant tried again, once its fault is mended: the runner notices within its `lookMs`, and it goes on from where it
 * stands or is parked anew. False where it is not parked. Over a connection of the role `projector`.
 */
export const unpark = async (db: Database, tenantId: string): Promise<boolean> => {
  const { rowCount } = await db.query('UPDATE parked_tenants SET retry = true WHERE tenant_id = $1', [tenantId]);
  return (rowCount ?? 0) > 0;
};

/** Takes the rows of these tenants away where their group has gone on. */
export const dropParked = async (db: Database, group: string, tenantIds: readonly string[]): Promise<void> => {
  await db.query('DELETE FROM parked_tenants WHERE projection_group = $1 AND tenant_id = ANY($2)', [group, tenantIds]);
};

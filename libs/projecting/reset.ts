import type pg from 'pg';
import type { Occurrence, Projection } from './projection.js';

/**
 * Empties all read models, so that a runner starts from the store's beginning: for a store that has forgotten, such as one
 * in memory after a restart. No runner may be running. Over a connection of the role `projector`.
 */
export const resetReadModels = async <E extends Occurrence>(
  db: Pick<pg.Client, 'query'>,
  projections: readonly Projection<E>[],
): Promise<void> => {
  const runtime = ['tenant_progress', 'parked_tenants', 'projection_checkpoints', 'built_projections'];
  await db.query(`TRUNCATE ${[...projections.flatMap(({ tables }) => tables), ...runtime].join(', ')}`);
};

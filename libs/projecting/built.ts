import type pg from 'pg';
import type { Occurrence, Projection, ProjectionGroup } from './projection.js';

type Database = Pick<pg.Client, 'query'>;

/** Notes these versions for projections of which none is noted yet. */
export const noteBuilt = async <E extends Occurrence>(
  db: Database,
  groups: readonly ProjectionGroup<E>[],
): Promise<void> => {
  const all = groups.flatMap(({ projections }) => projections);
  await db.query(
    `INSERT INTO built_projections (name, version) SELECT * FROM unnest($1::text[], $2::int[]) ON CONFLICT DO NOTHING`,
    [all.map(({ name }) => name), all.map(({ version }) => version)],
  );
};

/**
 * Projections whose tables another version built, or that came after the first events: their rows are not what they should
 * be until they are rebuilt. Over a connection of the role `projector`.
 */
export const staleProjections = async <E extends Occurrence>(
  db: Database,
  projections: readonly Projection<E>[],
): Promise<string[]> => {
  const started = await db.query('SELECT FROM projection_checkpoints WHERE position IS NOT NULL');
  if (started.rowCount === 0) return [];
  const { rows } = await db.query<{ name: string; version: number }>('SELECT name, version FROM built_projections');
  const built = new Map(rows.map((row) => [row.name, row.version]));
  return projections.filter(({ name, version }) => built.get(name) !== version).map(({ name }) => name);
};

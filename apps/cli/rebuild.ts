import pg from 'pg';
import type { Configuration } from '#platform/configuration.js';
import { rebuild as rebuildProjection, type ComparedTable } from '#projecting/rebuild.js';
import { GROUPS, ledgerReading, PROJECTIONS } from '#projections/registry.js';
import { MasterKeys } from '#vault/master-key.js';
import { PostgresSubjectVault } from '#vault/subject-vault.js';
import { UsedWrongly } from './outcome.js';
import { openBeside, ownerUrlOf } from './opened.js';
import { progressOf } from './progress.js';

const chosen = (names: readonly string[], all: boolean): readonly string[] => {
  const known = PROJECTIONS.map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  const there = `There are: ${known.join(', ')}.`;
  if (unknown.length > 0) throw new UsedWrongly(`${unknown.join(', ')}: no read model. ${there}`);
  if (names.length > 0 === all) throw new UsedWrongly(`Name what to rebuild, or --all. ${there}`);
  return all ? known : names;
};

const described = ({ table, rowsBefore, rowsAfter, same }: ComparedTable): string =>
  `  ${table}: ${rowsAfter} rows${same ? ', the same as before' : `, other than before (${rowsBefore} rows)`}`;

/** Makes read models again beside the running ones, compares, and switches; one after another. */
export const rebuild = async (
  configuration: Configuration,
  names: readonly string[],
  options: { readonly all: boolean; readonly json: boolean },
): Promise<void> => {
  const wanted = chosen(names, options.all);
  const opened = await openBeside(configuration);
  const pool = new pg.Pool({ connectionString: opened.urls.projector, max: 2 });
  const vault = new PostgresSubjectVault(pool, new MasterKeys(opened.masterKey));
  try {
    for (const name of wanted) {
      const bar = progressOf(`rebuild ${name}`, options.json);
      const { events, tables, switched } = await rebuildProjection(name, {
        store: opened.store,
        owner: { connectionString: ownerUrlOf(configuration) },
        projector: { connectionString: opened.urls.projector },
        reading: ledgerReading((tenantId, sealed) => vault.opener(tenantId, sealed)),
        groups: GROUPS,
        onProgress: (progress) => bar.update(progress.events, progress.ofEvents),
        onCompared: () => true,
      });
      bar.end();
      if (options.json) process.stdout.write(`${JSON.stringify({ rebuilt: name, events, tables, switched })}\n`);
      else process.stdout.write(`${name}: ${events} events\n${tables.map(described).join('\n')}\n`);
    }
  } finally {
    await pool.end();
    await opened.close();
  }
};

import pg from 'pg';
import type { Configuration } from '#platform/configuration.js';
import { rebuild as rebuildProjection, type ComparedTable } from '#projecting/rebuild.js';
import { GROUPS, ledgerReading, PROJECTIONS } from '#projections/registry.js';
import { MasterKeys } from '#vault/master-key.js';
import { PostgresSubjectVault } from '#vault/subject-vault.js';
import { differenceInWords } from './differences.js';
import { FoundWrong, UsedWrongly } from './outcome.js';
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

const inWords = ({ table, rowsBefore, rowsAfter, same, differences }: ComparedTable): string => {
  if (same) return `  ${table}: ${rowsAfter} rows, the same as before`;
  const rows = differences.map((one) => `    ${differenceInWords(one)}`);
  return [`  ${table}: ${rowsAfter} rows, other than before (${rowsBefore} rows)`, ...rows].join('\n');
};

export interface RebuildArguments {
  readonly all: boolean;
  /** Switches also where rows differ. */
  readonly force: boolean;
  readonly json: boolean;
}

/**
 * Makes read models again beside the running ones, one after another, compares each with what stands at the same revisions and
 * switches. Where rows differ it does not, but for `force`: somebody changed a table, or the projection was mended, and only
 * who runs it knows. Throws `FoundWrong` where one was not switched.
 */
export const rebuild = async (
  configuration: Configuration,
  names: readonly string[],
  { all, force, json }: RebuildArguments,
): Promise<void> => {
  const wanted = chosen(names, all);
  const opened = await openBeside(configuration);
  const pool = new pg.Pool({ connectionString: opened.urls.projector, max: 2 });
  const vault = new PostgresSubjectVault(pool, new MasterKeys(opened.masterKey));
  const left: string[] = [];
  try {
    for (const name of wanted) {
      const bar = progressOf(`rebuild ${name}`, json);
      const { events, tables, switched } = await rebuildProjection(name, {
        store: opened.store,
        owner: { connectionString: ownerUrlOf(configuration) },
        projector: { connectionString: opened.urls.projector },
        reading: ledgerReading((tenantId, sealed) => vault.opener(tenantId, sealed)),
        groups: GROUPS,
        onProgress: (progress) => bar.update(progress.events, progress.ofEvents),
        onCompared: (compared) => force || compared.every(({ same }) => same),
      });
      bar.end();
      if (!switched) left.push(name);
      const told = [`${name}: ${events} events${switched ? '' : '; not switched'}`, ...tables.map(inWords)].join('\n');
      process.stdout.write(json ? `${JSON.stringify({ rebuilt: name, events, tables, switched })}\n` : `${told}\n`);
    }
  } finally {
    await pool.end();
    await opened.close();
  }
  if (left.length > 0) {
    throw new FoundWrong(
      `${left.join(', ')}: rows differ from what the streams say; the tables in use stay. ` +
        'If a projection was mended, or these are to be put right: rebuild with --force.',
    );
  }
};

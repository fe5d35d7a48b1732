import { readFileSync } from 'node:fs';
import type pg from 'pg';
import type { Configuration } from '#platform/configuration.js';
import { StartupError } from '#platform/startup-error.js';

export const EVENT_STORE_KIND_MIGRATIONS: readonly { readonly name: string; readonly sql: string }[] = [
  {
    name: 'installation-event-store-kind',
    sql: readFileSync(new URL('./event-store-kind.sql', import.meta.url), 'utf8'),
  },
];

const refuse = (kind: string, wanted: string): never => {
  throw new StartupError(
    `The events of this installation are in ${kind}, and DAYBOOK_EVENT_STORE is ${wanted}. ` +
      'Its read models would be emptied; nothing was changed. Set DAYBOOK_EVENT_STORE, or use another data folder or database.',
  );
};

/**
 * Notes which store an installation keeps its events in, at its first start. From then on another one is refused: to it the
 * read models would be rows about events that never were. Over a connection of the owner.
 */
export const keepEventStoreKind = async (
  owner: Pick<pg.Pool, 'query'>,
  { eventStore }: Configuration,
): Promise<void> => {
  await owner.query('INSERT INTO daybook.event_store_kind (kind) VALUES ($1) ON CONFLICT DO NOTHING', [eventStore]);
  await checkEventStoreKind(owner, { eventStore });
};

/** The same for a command beside a running installation, over a connection of the role `engine`. */
export const checkEventStoreKind = async (
  db: Pick<pg.Pool, 'query'>,
  { eventStore }: Pick<Configuration, 'eventStore'>,
): Promise<void> => {
  const { rows } = await db.query<{ kind: string }>('SELECT kind FROM daybook.event_store_kind');
  const kind = rows[0]?.kind;
  if (kind !== undefined && kind !== eventStore) refuse(kind, eventStore);
};

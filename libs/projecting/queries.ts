/** Queries whose conditions depend on what was asked. Those that are always the same are written as SQL, and named. */
import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
  type Compilable,
  type SelectQueryBuilder,
  type StringReference,
} from 'kysely';
import type { Scan } from './listing.js';
import type { TenantSession } from './tenant-session.js';

/** Builds and compiles queries of these tables, and has no connection to run them: sessions do, one tenant at a time. */
export const queriesOf = <Tables>(): Kysely<Tables> =>
  new Kysely<Tables>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });

export const rowsOf = <R extends object>(session: Pick<TenantSession, 'rows'>, query: Compilable<R>): Promise<R[]> => {
  const { sql: text, parameters } = query.compile();
  return session.rows<R>(text, parameters);
};

/** Narrows a list to a scan of its positions, which are one column's values. */
export const scanned = <Tables, From extends keyof Tables, R>(
  list: SelectQueryBuilder<Tables, From, R>,
  position: StringReference<Tables, From>,
  { from, comparison, direction, limit }: Scan,
): SelectQueryBuilder<Tables, From, R> => {
  const column = sql.ref(position);
  const ordered = list.orderBy(column, direction).limit(limit);
  return from === null ? ordered : ordered.where(sql<boolean>`${column} ${sql.raw(comparison)} ${from}`);
};

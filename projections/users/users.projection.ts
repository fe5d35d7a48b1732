import { renderUser } from '#contract/resources/user.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { insertInto, type RowOf } from '#projecting/columns.js';
import { sqlBeside } from '#projecting/migrations.js';
import type { Batch, Projection } from '#projecting/projection.js';
import { lastBy } from '#projecting/rows.js';

const USER = { tenant_id: 'text', user_id: 'text', role: 'text', status: 'text', resource: 'text' } as const;

const setUsers = insertInto(
  'users',
  USER,
  'ON CONFLICT (tenant_id, user_id) DO UPDATE SET role = EXCLUDED.role, status = EXCLUDED.status, resource = EXCLUDED.resource',
);

const statements = ({ events, open }: Batch<LedgerEvent>): ReturnType<Projection<LedgerEvent>['statements']> => {
  const rows = events.flatMap(({ tenantId, event }): RowOf<typeof USER>[] => {
    if (!('user' in event.data)) return [];
    const { user } = event.data;
    const resource = JSON.stringify(renderUser(user, { tenantId, updatedAt: event.at }, open(tenantId)));
    return [{ tenant_id: tenantId, user_id: user.user_id, role: user.role, status: user.status, resource }];
  });
  return setUsers(lastBy(rows, (row) => `${row.tenant_id} ${row.user_id}`));
};

export const users: Projection<LedgerEvent> = {
  name: 'users',
  version: 1,
  tables: ['users'],
  migrations: [{ name: 'users', sql: sqlBeside(import.meta.url, './users.sql') }],
  statements,
};

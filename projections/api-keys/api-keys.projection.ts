import { renderApiKey } from '#contract/resources/api-key.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { insertInto, setStatement, type RowOf } from '#projecting/columns.js';
import { sqlBeside } from '#projecting/migrations.js';
import type { Batch, Projection } from '#projecting/projection.js';
import { lastBy } from '#projecting/rows.js';

const API_KEY = { tenant_id: 'text', key_id: 'text', is_active: 'boolean', resource: 'text' } as const;

const setApiKeys = insertInto(
  'api_keys',
  API_KEY,
  'ON CONFLICT (tenant_id, key_id) DO UPDATE SET is_active = EXCLUDED.is_active, resource = EXCLUDED.resource',
);

const KEY = { tenant_id: 'text', key_id: 'text' } as const;

const deleteApiKeys = setStatement(
  'api_keys.delete',
  KEY,
  (rows) => `DELETE FROM api_keys k USING ${rows} WHERE k.tenant_id = u.tenant_id AND k.key_id = u.key_id`,
);

const statements = ({ events, open }: Batch<LedgerEvent>): ReturnType<Projection<LedgerEvent>['statements']> => {
  const rows = events.flatMap(({ tenantId, event }): RowOf<typeof API_KEY>[] => {
    if (!('api_key' in event.data) || event.type === 'ApiKeyDeleted') return [];
    const facts = event.data.api_key;
    const resource = JSON.stringify(renderApiKey(facts, { tenantId, updatedAt: event.at }, open(tenantId)));
    return [{ tenant_id: tenantId, key_id: facts.key_id, is_active: facts.is_active, resource }];
  });
  // Nothing comes after a deletion, so that it is the last of a key whatever else the batch says of it.
  const deleted = events.flatMap(({ tenantId, event }): RowOf<typeof KEY>[] =>
    event.type === 'ApiKeyDeleted' ? [{ tenant_id: tenantId, key_id: event.data.api_key.key_id }] : [],
  );
  return [...setApiKeys(lastBy(rows, (row) => `${row.tenant_id} ${row.key_id}`)), ...deleteApiKeys(deleted)];
};

export const apiKeys: Projection<LedgerEvent> = {
  name: 'api-keys',
  version: 1,
  tables: ['api_keys'],
  migrations: [{ name: 'api-keys', sql: sqlBeside(import.meta.url, './api-keys.sql') }],
  statements,
};

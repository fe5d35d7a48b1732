import type { LedgerEvent } from '#domain/ledger.js';
import { insertInto, type RowOf } from '#projecting/columns.js';
import { sqlBeside } from '#projecting/migrations.js';
import type { Projection, TenantEvent } from '#projecting/projection.js';

/** All that it reads of an event, so that nothing an event says can stop it. */
type Keyed = Pick<LedgerEvent, 'revision' | 'at' | 'meta'>;

const OUTCOME = {
  tenant_id: 'text',
  key: 'bytea',
  part: 'integer',
  request: 'bytea',
  revision: 'bigint',
  events: 'integer',
  operation: 'text',
} as const;

/** A key that came twice keeps its first outcome: the writer sees to it that there is no second. */
const insertOutcomes = insertInto('idempotency_index', OUTCOME, 'ON CONFLICT (tenant_id, key, part) DO NOTHING');

const outcomeOf = ({ tenantId, event }: TenantEvent<Keyed>): RowOf<typeof OUTCOME>[] => {
  const record = event.meta.idempotency;
  if (record === null) return [];
  return [
    {
      tenant_id: tenantId,
      key: Buffer.from(record.key, 'hex'),
      part: record.part?.i ?? -1,
      request: Buffer.from(record.request, 'hex'),
      revision: event.revision,
      events: record.events,
      operation: record.operation,
    },
  ];
};

export const idempotencyIndex: Projection<Keyed> = {
  name: 'idempotency-index',
  version: 1,
  tables: ['idempotency_index'],
  migrations: [{ name: 'idempotency-index', sql: sqlBeside(import.meta.url, './idempotency-index.sql') }],
  statements: ({ events }) => insertOutcomes(events.flatMap(outcomeOf)),
};

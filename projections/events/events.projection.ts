import { publicType } from '#contract/public-events.js';
import { resourceId } from '#contract/resource-id.js';
import { idOf, ulidOf } from '#domain/ids.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { insertInto, type RowOf } from '#projecting/columns.js';
import { sqlBeside } from '#projecting/migrations.js';
import type { Projection, TenantEvent } from '#projecting/projection.js';

const EVENT = {
  tenant_id: 'text',
  event_id: 'text',
  sequence: 'bigint',
  revision: 'bigint',
  type: 'text',
  resource_id: 'text',
  creates: 'boolean',
} as const;

const insertEvents = insertInto('events', EVENT);

const eventRow = ({ tenantId, event }: TenantEvent<LedgerEvent>): RowOf<typeof EVENT>[] => {
  const type = publicType(event);
  if (type === null) return [];
  const resource_id = resourceId(event);
  return [
    {
      tenant_id: tenantId,
      event_id: idOf('event', event.id),
      sequence: event.meta.sequence,
      revision: event.revision,
      type,
      resource_id,
      creates: ulidOf(resource_id) === event.id,
    },
  ];
};

export const events: Projection<LedgerEvent> = {
  name: 'events',
  version: 2,
  tables: ['events'],
  migrations: [{ name: 'events', sql: sqlBeside(import.meta.url, './events.sql') }],
  statements: (batch) => insertEvents(batch.events.flatMap(eventRow)),
};

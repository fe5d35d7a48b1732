import { renderWebhookEndpoint } from '#contract/resources/webhook-endpoint.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { insertInto, setStatement, type RowOf } from '#projecting/columns.js';
import { sqlBeside } from '#projecting/migrations.js';
import type { Batch, Projection } from '#projecting/projection.js';
import { lastBy } from '#projecting/rows.js';

const ENDPOINT = {
  tenant_id: 'text',
  endpoint_id: 'text',
  status: 'text',
  secret_id: 'text',
  headers: 'text',
  resource: 'text',
} as const;

const setEndpoints = insertInto(
  'webhook_endpoints',
  ENDPOINT,
  `ON CONFLICT (tenant_id, endpoint_id) DO UPDATE SET status = EXCLUDED.status, secret_id = EXCLUDED.secret_id,
     headers = EXCLUDED.headers, resource = EXCLUDED.resource`,
);

const KEY = { tenant_id: 'text', endpoint_id: 'text' } as const;

const deleteEndpoints = setStatement(
  'webhook_endpoints.delete',
  KEY,
  (rows) =>
    `DELETE FROM webhook_endpoints e USING ${rows} WHERE e.tenant_id = u.tenant_id AND e.endpoint_id = u.endpoint_id`,
);

const statements = ({ events, open }: Batch<LedgerEvent>): ReturnType<Projection<LedgerEvent>['statements']> => {
  const rows = events.flatMap(({ tenantId, event }): RowOf<typeof ENDPOINT>[] => {
    if (!('webhook_endpoint' in event.data) || event.type === 'WebhookEndpointDeleted') return [];
    const facts = event.data.webhook_endpoint;
    const resource = renderWebhookEndpoint(facts, { tenantId, updatedAt: event.at }, open(tenantId));
    return [
      {
        tenant_id: tenantId,
        endpoint_id: facts.endpoint_id,
        status: facts.status,
        secret_id: facts.secrets[0]?.secret_id ?? '',
        headers: JSON.stringify(facts.headers),
        resource: JSON.stringify(resource),
      },
    ];
  });
  // Nothing comes after a deletion, so that it is the last of an endpoint whatever else the batch says of it.
  const deleted = events.flatMap(({ tenantId, event }): RowOf<typeof KEY>[] =>
    event.type === 'WebhookEndpointDeleted'
      ? [{ tenant_id: tenantId, endpoint_id: event.data.webhook_endpoint.endpoint_id }]
      : [],
  );
  return [...setEndpoints(lastBy(rows, (row) => `${row.tenant_id} ${row.endpoint_id}`)), ...deleteEndpoints(deleted)];
};

export const webhookEndpoints: Projection<LedgerEvent> = {
  name: 'webhook-endpoints',
  version: 2,
  tables: ['webhook_endpoints'],
  migrations: [
    { name: 'webhook-endpoints', sql: sqlBeside(import.meta.url, './webhook-endpoints.sql') },
    { name: 'webhook-endpoints-headers', sql: sqlBeside(import.meta.url, './webhook-endpoints-headers.sql') },
  ],
  statements,
};

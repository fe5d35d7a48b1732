import type { WebhookEndpointResource } from '#contract/resources/webhook-endpoint.js';
import { pageOf, scanOf, type Page, type PageQuery } from '#projecting/listing.js';
import { queriesOf, rowsOf, scanned } from '#projecting/queries.js';
import type { TenantSession } from '#projecting/tenant-session.js';

export interface WebhookEndpointsQuery extends PageQuery {
  readonly status?: string;
}

interface EndpointRow {
  readonly endpoint_id: string;
  readonly secret_id: string;
  readonly resource: string;
}

const tables = queriesOf<{ webhook_endpoints: EndpointRow & { tenant_id: string; status: string } }>();

/** With the id of its secret in the place of what is shown of the secret: whoever keeps secrets replaces it. */
const resourceOf = ({ resource, secret_id }: EndpointRow): WebhookEndpointResource => ({
  ...(JSON.parse(resource) as WebhookEndpointResource),
  secret_masked: secret_id,
});

/** Null where the tenant has no such endpoint. */
export const getWebhookEndpoint = async (
  session: TenantSession,
  endpointId: string,
): Promise<WebhookEndpointResource | null> => {
  const [row] = await session.rows<EndpointRow>(
    'SELECT endpoint_id, secret_id, resource FROM webhook_endpoints WHERE tenant_id = $1 AND endpoint_id = $2',
    [session.tenantId, endpointId],
    'webhook_endpoints.get',
  );
  return row === undefined ? null : resourceOf(row);
};

/** The endpoint's own headers, each value sealed; null where the tenant has no such endpoint. */
export const getSealedHeaders = async (
  session: TenantSession,
  endpointId: string,
): Promise<readonly (readonly [name: string, sealed: string])[] | null> => {
  const [row] = await session.rows<{ headers: string }>(
    'SELECT headers FROM webhook_endpoints WHERE tenant_id = $1 AND endpoint_id = $2',
    [session.tenantId, endpointId],
  );
  return row === undefined ? null : (JSON.parse(row.headers) as [string, string][]);
};

/** Positions are endpoint ids. */
export const listWebhookEndpoints = async (
  session: TenantSession,
  query: WebhookEndpointsQuery,
): Promise<Page<WebhookEndpointResource>> => {
  const list = tables
    .selectFrom('webhook_endpoints')
    .select(['endpoint_id', 'secret_id', 'resource'])
    .where(({ and }) => and({ tenant_id: session.tenantId, status: query.status }));
  const rows = await rowsOf(session, scanned(list, 'endpoint_id', scanOf(query)));
  return pageOf(query, rows, (row) => row.endpoint_id, resourceOf);
};

import type { ApiKeyResource } from '#contract/resources/api-key.js';
import { pageOf, scanOf, type Page, type PageQuery } from '#projecting/listing.js';
import { queriesOf, rowsOf, scanned } from '#projecting/queries.js';
import type { TenantSession } from '#projecting/tenant-session.js';

export interface ApiKeysQuery extends PageQuery {
  readonly isActive?: boolean;
}

interface ApiKeyRow {
  readonly key_id: string;
  readonly resource: string;
}

const tables = queriesOf<{ api_keys: ApiKeyRow & { tenant_id: string; is_active: boolean } }>();

/** Last use is not known here: it is null, and whoever knows it puts it in. */
const resourceOf = ({ resource }: ApiKeyRow): ApiKeyResource => JSON.parse(resource) as ApiKeyResource;

/** Null where the tenant has no such key. */
export const getApiKey = async (session: TenantSession, keyId: string): Promise<ApiKeyResource | null> => {
  const [row] = await session.rows<ApiKeyRow>(
    'SELECT key_id, resource FROM api_keys WHERE tenant_id = $1 AND key_id = $2',
    [session.tenantId, keyId],
    'api_keys.get',
  );
  return row === undefined ? null : resourceOf(row);
};

/** Positions are key ids. */
export const listApiKeys = async (session: TenantSession, query: ApiKeysQuery): Promise<Page<ApiKeyResource>> => {
  const list = tables
    .selectFrom('api_keys')
    .select(['key_id', 'resource'])
    .where(({ and }) => and({ tenant_id: session.tenantId, is_active: query.isActive }));
  const rows = await rowsOf(session, scanned(list, 'key_id', scanOf(query)));
  return pageOf(query, rows, (row) => row.key_id, resourceOf);
};

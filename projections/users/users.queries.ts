import type { UserResource } from '#contract/resources/user.js';
import { pageOf, scanOf, type Page, type PageQuery } from '#projecting/listing.js';
import { queriesOf, rowsOf, scanned } from '#projecting/queries.js';
import type { TenantSession } from '#projecting/tenant-session.js';

export interface UsersQuery extends PageQuery {
  readonly role?: string;
  readonly status?: string;
}

interface UserRow {
  readonly user_id: string;
  readonly resource: string;
}

const tables = queriesOf<{ users: UserRow & { tenant_id: string; role: string; status: string } }>();

/** When they last signed in is not known here: it is null, and whoever knows it puts it in. */
const resourceOf = ({ resource }: UserRow): UserResource => JSON.parse(resource) as UserResource;

/** Null where the tenant has no such user. */
export const getUser = async (session: TenantSession, userId: string): Promise<UserResource | null> => {
  const [row] = await session.rows<UserRow>(
    'SELECT user_id, resource FROM users WHERE tenant_id = $1 AND user_id = $2',
    [session.tenantId, userId],
    'users.get',
  );
  return row === undefined ? null : resourceOf(row);
};

/** Positions are user ids. */
export const listUsers = async (session: TenantSession, query: UsersQuery): Promise<Page<UserResource>> => {
  const { role, status } = query;
  const list = tables
    .selectFrom('users')
    .select(['user_id', 'resource'])
    .where(({ and }) => and({ tenant_id: session.tenantId, role, status }));
  const rows = await rowsOf(session, scanned(list, 'user_id', scanOf(query)));
  return pageOf(query, rows, (row) => row.user_id, resourceOf);
};

export const countUsers = async (
  session: TenantSession,
  { role, status }: Omit<UsersQuery, keyof PageQuery>,
): Promise<number> => {
  const count = tables
    .selectFrom('users')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .where(({ and }) => and({ tenant_id: session.tenantId, role, status }));
  const [row] = await rowsOf(session, count);
  return Number(row?.count ?? 0);
};

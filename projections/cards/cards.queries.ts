import type { CardResource } from '#contract/resources/card.js';
import { pageOf, scanOf, type Page, type PageQuery } from '#projecting/listing.js';
import { queriesOf, rowsOf, scanned } from '#projecting/queries.js';
import type { TenantSession } from '#projecting/tenant-session.js';

export interface CardsQuery extends PageQuery {
  readonly accountId?: string;
  readonly status?: string;
  readonly type?: string;
}

interface CardRow {
  readonly card_id: string;
  readonly resource: string;
}

const tables = queriesOf<{
  cards: CardRow & { tenant_id: string; account_id: string; status: string; type: string };
}>();

const resourceOf = ({ resource }: CardRow): CardResource => JSON.parse(resource) as CardResource;

/** Null where the tenant has no such card. */
export const getCard = async (session: TenantSession, cardId: string): Promise<CardResource | null> => {
  const [row] = await session.rows<CardRow>(
    'SELECT card_id, resource FROM cards WHERE tenant_id = $1 AND card_id = $2',
    [session.tenantId, cardId],
    'cards.get',
  );
  return row === undefined ? null : resourceOf(row);
};

/** Those of these cards that the tenant has, in no order. */
export const getCards = async (session: TenantSession, ids: readonly string[]): Promise<CardResource[]> => {
  const rows = await session.rows<CardRow>(
    'SELECT card_id, resource FROM cards WHERE tenant_id = $1 AND card_id = ANY($2)',
    [session.tenantId, ids],
    'cards.get_many',
  );
  return rows.map(resourceOf);
};

/** Positions are card ids. */
export const listCards = async (session: TenantSession, query: CardsQuery): Promise<Page<CardResource>> => {
  const { accountId, status, type } = query;
  const list = tables
    .selectFrom('cards')
    .select(['card_id', 'resource'])
    .where(({ and }) => and({ tenant_id: session.tenantId, account_id: accountId, status, type }));
  const rows = await rowsOf(session, scanned(list, 'card_id', scanOf(query)));
  return pageOf(query, rows, (row) => row.card_id, resourceOf);
};

import type { CardResource } from '#contract/resources/card.js';
import { Conditions, pageOf, scanOf, type Page, type PageQuery } from '#projecting/listing.js';
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

/** Positions are card ids. */
export const listCards = async (session: TenantSession, query: CardsQuery): Promise<Page<CardResource>> => {
  const scan = scanOf(query);
  const where = new Conditions()
    .and('tenant_id = ?', session.tenantId)
    .when(query.accountId, 'account_id = ?')
    .when(query.status, 'status = ?')
    .when(query.type, 'type = ?')
    .when(scan.from, `card_id ${scan.comparison} ?`);
  const rows = await session.rows<CardRow>(
    `SELECT card_id, resource FROM cards WHERE ${where} ORDER BY card_id ${scan.direction} LIMIT ${scan.limit}`,
    where.values,
  );
  return pageOf(query, rows, (row) => row.card_id, resourceOf);
};

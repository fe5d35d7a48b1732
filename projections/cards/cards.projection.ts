import { renderCard } from '#contract/resources/card.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { insertInto, type RowOf } from '#projecting/columns.js';
import { sqlBeside } from '#projecting/migrations.js';
import type { Batch, Projection } from '#projecting/projection.js';
import { lastBy } from '#projecting/rows.js';

const CARD = {
  tenant_id: 'text',
  card_id: 'text',
  account_id: 'text',
  status: 'text',
  type: 'text',
  resource: 'text',
} as const;

const setCards = insertInto(
  'cards',
  CARD,
  'ON CONFLICT (tenant_id, card_id) DO UPDATE SET status = EXCLUDED.status, resource = EXCLUDED.resource',
);

const statements = ({ events, open }: Batch<LedgerEvent>): ReturnType<Projection<LedgerEvent>['statements']> => {
  const rows = events.flatMap(({ tenantId, event }): RowOf<typeof CARD>[] => {
    if (!('card' in event.data)) return [];
    const { card_id, account_id, status, type } = event.data.card;
    const resource = JSON.stringify(renderCard(event.data.card, { updatedAt: event.at }, open(tenantId)));
    return [{ tenant_id: tenantId, card_id, account_id, status, type, resource }];
  });
  return setCards(lastBy(rows, (row) => `${row.tenant_id} ${row.card_id}`));
};

export const cards: Projection<LedgerEvent> = {
  name: 'cards',
  version: 1,
  tables: ['cards'],
  migrations: [{ name: 'cards', sql: sqlBeside(import.meta.url, './cards.sql') }],
  statements,
};

import { renderSettlement, renderSettlementLine } from '#contract/resources/settlement.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { idOf } from '#domain/ids.js';
import { NO_SUMS, withLine, type SettlementLine, type SettlementSums } from '#domain/settlements/settlements.js';
import { insertInto, setStatement, type RowOf } from '#projecting/columns.js';
import { sqlBeside } from '#projecting/migrations.js';
import type { Batch, Open, Projection } from '#projecting/projection.js';

const SUMS = {
  gross: 'bigint',
  refunds: 'bigint',
  fees: 'bigint',
  adjustments: 'bigint',
  net: 'bigint',
  line_count: 'bigint',
  late_count: 'bigint',
  updated_at: 'bigint',
} as const;
const KEY = { tenant_id: 'text', settlement_id: 'text' } as const;
const SETTLEMENT = {
  ...KEY,
  business_date: 'text',
  currency: 'text',
  status: 'text',
  ...SUMS,
  resource: 'text',
} as const;
const GROWN = { ...KEY, ...SUMS } as const;
const LINE = { ...KEY, line_id: 'text', type: 'text', amount: 'bigint', late: 'boolean', resource: 'text' } as const;

const ADDED = ['gross', 'refunds', 'fees', 'adjustments', 'net', 'line_count', 'late_count'] as const;

const insertLines = insertInto('settlement_lines', LINE);
const setSettlements = insertInto(
  'settlements',
  SETTLEMENT,
  'ON CONFLICT (tenant_id, settlement_id) DO UPDATE SET ' +
    [...ADDED, 'status', 'updated_at', 'resource'].map((name) => `${name} = EXCLUDED.${name}`).join(', '),
);
const grow = setStatement(
  'settlements.grow',
  GROWN,
  (rows) =>
    `UPDATE settlements s SET ${ADDED.map((name) => `${name} = s.${name} + u.${name}`).join(', ')}, ` +
    `updated_at = u.updated_at FROM ${rows} WHERE s.tenant_id = u.tenant_id AND s.settlement_id = u.settlement_id`,
);

/** The sums of a row, of which none is null. */
type Sums = SettlementSums & { readonly updated_at: number };

interface Change {
  readonly set?: RowOf<typeof SETTLEMENT>;
  readonly grown: RowOf<typeof GROWN> & Sums;
}

/** What a batch makes of settlements: those that an event tells whole, and those that only took lines. */
class Changes {
  private readonly changes = new Map<string, Change>();

  set(tenantId: string, event: LedgerEvent, open: Open): void {
    if (!('settlement' in event.data)) return;
    const { settlement } = event.data;
    const { settlement_id, business_date, currency, status } = settlement;
    const key = { tenant_id: tenantId, settlement_id };
    const sums = sumsOf(settlement, event.at);
    const resource = JSON.stringify(renderSettlement(settlement, { updatedAt: event.at }, open));
    const row = { ...key, business_date, currency, status, ...sums, resource };
    this.changes.set(`${tenantId} ${settlement_id}`, { set: row, grown: { ...key, ...sums } });
  }

  add(tenantId: string, line: SettlementLine, at: number): void {
    const name = `${tenantId} ${line.settlement_id}`;
    const known = this.changes.get(name);
    const key = { tenant_id: tenantId, settlement_id: line.settlement_id };
    const sums = sumsOf(withLine(known?.grown ?? NO_SUMS, line), at);
    const grown = { ...key, ...sums };
    this.changes.set(name, known?.set === undefined ? { grown } : { set: { ...known.set, ...sums }, grown });
  }

  statements(): ReturnType<Projection<LedgerEvent>['statements']> {
    const all = [...this.changes.values()];
    return [
      ...setSettlements(all.flatMap(({ set }) => (set === undefined ? [] : [set]))),
      ...grow(all.flatMap(({ set, grown }) => (set === undefined ? [grown] : []))),
    ];
  }
}

const sumsOf = (from: SettlementSums, updated_at: number): Sums => {
  const { gross, refunds, fees, adjustments, net, line_count, late_count } = from;
  return { gross, refunds, fees, adjustments, net, line_count, late_count, updated_at };
};

const cardTransactionOf = ({ data }: LedgerEvent): string | null => {
  const purchase = 'card_transaction' in data ? data.card_transaction : 'purchase' in data ? data.purchase : undefined;
  return purchase?.card_transaction_id ?? null;
};

const lineRow = (tenantId: string, event: LedgerEvent, line: SettlementLine): RowOf<typeof LINE> => ({
  tenant_id: tenantId,
  settlement_id: line.settlement_id,
  line_id: idOf('settlement_line', event.id),
  type: line.type,
  amount: line.amount,
  late: line.late_for !== undefined,
  resource: JSON.stringify(
    renderSettlementLine(line, {
      eventId: event.id,
      revision: event.revision,
      at: event.at,
      transactionId: idOf('transaction', event.id),
      cardTransactionId: cardTransactionOf(event),
    }),
  ),
});

const statements = ({ events, open }: Batch<LedgerEvent>): ReturnType<Projection<LedgerEvent>['statements']> => {
  const lines: RowOf<typeof LINE>[] = [];
  const changes = new Changes();
  for (const { tenantId, event } of events) {
    const { data } = event;
    if ('settlement' in data) changes.set(tenantId, event, open(tenantId));
    if (!('settlement_line' in data) || data.settlement_line === undefined) continue;
    lines.push(lineRow(tenantId, event, data.settlement_line));
    changes.add(tenantId, data.settlement_line, event.at);
  }
  return [...insertLines(lines), ...changes.statements()];
};

export const settlements: Projection<LedgerEvent> = {
  name: 'settlements',
  version: 1,
  tables: ['settlements', 'settlement_lines'],
  migrations: [{ name: 'settlements', sql: sqlBeside(import.meta.url, './settlements.sql') }],
  statements,
};

/** Settlements and liquidity out of a tenant's events, without a database: for specs. */
import { renderBankStatement, renderBankStatementLine } from '#contract/resources/bank-statement.js';
import { renderClosedPeriod } from '#contract/resources/closed-period.js';
import { MonthFigures } from '#proof/month-figures.js';
import { renderFinanceSettings } from '#contract/resources/finance-settings.js';
import { renderLiquiditySnapshot, snapshotNamed } from '#contract/resources/liquidity.js';
import { renderSettlement, renderSettlementLine, type SettlementResource } from '#contract/resources/settlement.js';
import type { Open } from '#contract/resources/personal.js';
import { idOf } from '#domain/ids.js';
import { liquidityOf } from '#domain/liquidity/liquidity.js';
import { bankAmount } from '#domain/reconciliation/reconciliation.js';
import type { Unreconciled } from '#projections/bank-statements/bank-statements.queries.js';
import { evolve, type LedgerEvent } from '#domain/ledger.js';
import { withLine } from '#domain/settlements/settlements.js';
import { emptyState } from '#domain/state.js';
import type { LiquidityPoint } from '#projections/liquidity/liquidity.queries.js';
import type { Counted, ListRequest, Many, One, Resource } from '../reads.js';
import type { FinanceReads, Period, Standing } from './finance-reads.js';

type EventsOf = (tenantId: string) => Promise<readonly LedgerEvent[]>;
type List = (tenantId: string, request: ListRequest) => Promise<Many>;

const folded = (events: readonly LedgerEvent[]) => {
  const state = emptyState();
  for (const event of events) evolve(state, event);
  return state;
};

const pointsOf = (events: readonly LedgerEvent[], currency?: string): LiquidityPoint[] => {
  const state = folded(events);
  const { revision, at } = state.head.value;
  const currencies = new Set([...state.accounts.values()].map(({ terms }) => terms.currency));
  return [...currencies]
    .filter((one) => currency === undefined || one === currency)
    .sort()
    .flatMap((one) => {
      const facts = liquidityOf(state, one);
      return facts === null ? [] : [{ facts, at, revision }];
    });
};

export class MemoryFinanceReads implements FinanceReads {
  constructor(
    private readonly eventsOf: EventsOf,
    private readonly list: List,
    private readonly transaction: (tenantId: string, id: string) => Promise<Resource | null>,
  ) {}

  async settings(tenantId: string): Promise<One> {
    const { financeSettings, head } = folded(await this.eventsOf(tenantId));
    const resource = renderFinanceSettings(financeSettings.value) as unknown as Resource;
    return { revision: head.value.revision, resource };
  }

  async standing(tenantId: string, currency?: string): Promise<Standing> {
    const events = await this.eventsOf(tenantId);
    const { financeSettings, liquidityAlerts, head } = folded(events);
    const breached = new Set([...liquidityAlerts.entries()].map(([code]) => code));
    const { revision } = head.value;
    return { revision, points: pointsOf(events, currency), settings: financeSettings.value, breached };
  }

  async curve(tenantId: string, { currency }: { readonly currency?: string }) {
    const events = await this.eventsOf(tenantId);
    return { revision: events.length - 1, points: pointsOf(events, currency) };
  }

  async closedMonth(tenantId: string, month: string) {
    const figures = new MonthFigures();
    const events = await this.eventsOf(tenantId);
    const found = events.map((event) => figures.take(event, '')).find((facts) => facts?.month === month) ?? null;
    return { revision: events.length - 1, data: found };
  }

  async unreconciled(tenantId: string, { id, from, to }: Period): Promise<readonly Unreconciled[]> {
    const events = await this.eventsOf(tenantId);
    const lines = events.flatMap(({ data }) => {
      if (!('bank_statement' in data) || data.bank_statement.account_id !== id) return [];
      return 'lines' in data ? data.lines : [data.line];
    });
    const taken = new Set(lines.map(({ transaction_id }) => transaction_id));
    const found: Unreconciled[] = [];
    for (const { data } of events) {
      if (!('entries' in data) || taken.has(data.transaction.transaction_id)) continue;
      const { transaction_id, type, effective_at } = data.transaction;
      const amount = bankAmount(data.entries, id);
      const when = Date.parse(effective_at);
      if (amount === 0 || when < from || when > to) continue;
      const { reference, metadata } = (await this.transaction(tenantId, transaction_id)) as {
        reference: string | null;
        metadata: Record<string, string | undefined>;
      };
      found.push({
        transaction_id,
        type,
        amount,
        effective_at,
        reference: reference ?? metadata.payment_reference ?? null,
      });
    }
    return found;
  }

  async settlementsCounted(tenantId: string, request: ListRequest): Promise<Counted> {
    const page = await this.list(tenantId, request);
    return { revision: page.revision, page, total: page.data.length };
  }

  async snapshotsCounted(tenantId: string): Promise<Counted> {
    const { points, revision } = await this.standing(tenantId);
    const data = points.map((point) => renderLiquiditySnapshot(point.facts, point) as unknown as Resource);
    return { revision, page: { data, hasMore: false, last: null }, total: data.length };
  }

  async snapshot(tenantId: string, id: string): Promise<Resource | null> {
    const name = snapshotNamed(id);
    if (name === null) return null;
    const events = await this.eventsOf(tenantId);
    const [point] = pointsOf(events.slice(0, name.revision + 1), name.currency);
    if (point?.revision !== name.revision || point.at !== name.at) return null;
    const { customer, business, merchant, agent } = point.facts;
    const breakdown = { by_wallet_type: { customer, business, merchant, agent } };
    return { snapshot: renderLiquiditySnapshot(point.facts, point), breakdown };
  }
}

/** Settlements and lines as rows, event by event. */
export const foldSettlements = (
  rows: ReadonlyMap<string, Map<string, Resource>>,
  event: LedgerEvent,
  open: Open,
): void => {
  const settlements = rows.get('settlements') as Map<string, Resource>;
  const { data } = event;
  if ('bank_statement' in data) {
    const changed = { updatedAt: event.at };
    const told = renderBankStatement(data.bank_statement, changed, open);
    rows.get('bank_statements')?.set(told.id, told as unknown as Resource);
    for (const line of 'lines' in data ? data.lines : [data.line]) {
      const shown = renderBankStatementLine(line, data.bank_statement, changed, open);
      rows.get('bank_statement_lines')?.set(shown.id, shown as unknown as Resource);
    }
  }
  if (event.type === 'PeriodClosed' && event.data.month !== undefined) {
    rows.get('closed_months')?.set(event.data.month.month, renderClosedPeriod(event.data) as unknown as Resource);
  }
  if ('settlement' in data) {
    const told = renderSettlement(data.settlement, { updatedAt: event.at }, open);
    settlements.set(told.id, told as unknown as Resource);
  }
  if (!('settlement_line' in data) || data.settlement_line === undefined) return;
  const line = data.settlement_line;
  const grown = withLine(settlements.get(line.settlement_id) as unknown as SettlementResource, line);
  settlements.set(line.settlement_id, grown as unknown as Resource);
  const purchase = 'card_transaction' in data ? data.card_transaction : null;
  const told = renderSettlementLine(line, {
    eventId: event.id,
    revision: event.revision,
    at: event.at,
    transactionId: idOf('transaction', event.id),
    cardTransactionId: purchase?.card_transaction_id ?? null,
  });
  rows.get('settlement_lines')?.set(told.id, told as unknown as Resource);
};

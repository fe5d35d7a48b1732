/** Settlements: their sums are those of the lines that the events of the day say they add (DECISIONS 96). */
import type { Entry } from '#domain/entries.js';
import type { LedgerEvent } from '#domain/ledger.js';
import type { SettlementFacts, SettlementLine, SettlementSums } from '#domain/settlements/settlements.js';
import { creditsTo } from './movements.js';
import type { Standing } from './standing.js';
import { must } from './wrong.js';

const NETWORK_PAYABLE = 'network_payable';

type Sums = { -readonly [K in keyof SettlementSums]: number };

const NOTHING: Sums = { gross: 0, refunds: 0, fees: 0, adjustments: 0, net: 0, line_count: 0, late_count: 0 };

/** By settlement that is not completed, what its lines come to. */
export type OpenSettlements = Map<string, Sums>;

const addLine = (open: OpenSettlements, standing: Standing, line: SettlementLine, entries: readonly Entry[]): void => {
  const { settlement_id: id, type, amount, currency } = line;
  const owed = creditsTo(
    standing,
    entries.filter((entry) => entry.currency === currency),
    ({ walletType, code }) => walletType === 'system' && code === NETWORK_PAYABLE,
  );
  must(
    owed === amount,
    () => `its line of ${id} is of ${amount}, its entries change what is owed to the network by ${owed}`,
  );
  const sums = open.get(id);
  must(sums !== undefined, () => `its line is of ${id}, which no event opened`);
  const { gross, refunds, fees, adjustments, net, line_count, late_count } = sums!;
  open.set(id, {
    gross: gross + (type === 'card_transaction' ? amount : 0),
    refunds: refunds - (type === 'refund' ? amount : 0),
    fees: fees + (type === 'fee' ? amount : 0),
    adjustments: adjustments + (type === 'adjustment' ? amount : 0),
    net: net + amount,
    line_count: line_count + 1,
    late_count: late_count + (line.late_for === undefined ? 0 : 1),
  });
};

const checkFacts = (open: OpenSettlements, facts: SettlementFacts): void => {
  const { settlement_id: id } = facts;
  const sums = open.get(id);
  must(sums !== undefined, () => `${id} was completed, or never opened`);
  for (const name of Object.keys(NOTHING) as (keyof Sums)[]) {
    must(facts[name] === sums![name], () => `${name} of ${id} is ${facts[name]}, its lines come to ${sums![name]}`);
  }
  if (facts.paid_amount === null) return;
  const due = facts.paid_amount - Math.abs(facts.net);
  must(
    facts.difference === due,
    () => `${id} says that its payment differs by ${facts.difference}, it differs by ${due}`,
  );
};

/** To be asked when its entries were applied. */
export const followSettlement = (open: OpenSettlements, standing: Standing, event: LedgerEvent): void => {
  const { data } = event;
  if (event.type === 'SettlementOpened') {
    const { settlement_id: id } = event.data.settlement;
    must(!open.has(id), () => `${id} is opened a second time`);
    open.set(id, NOTHING);
  }
  const line = 'settlement_line' in data ? data.settlement_line : undefined;
  if (line !== undefined) addLine(open, standing, line, 'entries' in data ? data.entries : []);
  if (!('settlement' in data)) return;
  checkFacts(open, data.settlement);
  if (event.type === 'SettlementCompleted') open.delete(data.settlement.settlement_id);
};

import type { MonthReport } from '#domain/periods/month-report.js';

const COLUMNS = [
  'section',
  'item',
  'currency',
  'opening_debits_minor',
  'opening_credits_minor',
  'closing_debits_minor',
  'closing_credits_minor',
  'net_minor',
  'paid_minor',
  'difference_minor',
  'status',
] as const;

type Row = { readonly [C in (typeof COLUMNS)[number]]?: string | number | null };

const line = (row: Row): string => COLUMNS.map((name) => row[name] ?? '').join(',');

/** RFC 4180: totals, accounts by kind, settlements, and what payments brought into `suspense`. Amounts are minor units. */
export const monthReportCsv = ({ trial_balance, accounts, settlements, differences }: MonthReport): string => {
  const sums = (one: MonthReport['trial_balance'][number]): Row => ({
    currency: one.currency,
    opening_debits_minor: one.opening_debits,
    opening_credits_minor: one.opening_credits,
    closing_debits_minor: one.closing_debits,
    closing_credits_minor: one.closing_credits,
  });
  const rows: Row[] = [
    ...trial_balance.map((one) => ({ section: 'trial_balance', item: 'total', ...sums(one) })),
    ...accounts.map((one) => ({ section: 'accounts', item: one.code ?? one.type, ...sums(one) })),
    ...settlements.map((one) => ({
      section: 'settlements',
      item: `${one.business_date} ${one.settlement_id}`,
      currency: one.currency,
      net_minor: one.net,
      paid_minor: one.paid_amount,
      difference_minor: one.difference,
      status: one.status,
    })),
    ...differences.map(({ currency, amount }) => ({
      section: 'differences',
      item: 'brought_into_suspense',
      currency,
      difference_minor: amount,
    })),
  ];
  return [COLUMNS.join(','), ...rows.map(line), ''].join('\r\n');
};

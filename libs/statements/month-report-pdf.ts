import type { MonthReport } from '#domain/periods/month-report.js';
import { readable } from './decimal.js';
import { Sheet, type Column } from './sheet.js';

const right = (name: string, x: number, width: number): Column => ({ name, x, width, align: 'right' });
const left = (name: string, x: number, width: number): Column => ({ name, x, width, align: 'left' });

const SUMS = (name: string): readonly Column[] => [
  left(name, 40, 200),
  left('Currency', 244, 50),
  right('Opening debit', 300, 120),
  right('Opening credit', 425, 120),
  right('Closing debit', 550, 120),
  right('Closing credit', 675, 126),
];

const SETTLEMENTS: readonly Column[] = [
  left('Business day', 40, 60),
  left('Settlement', 104, 156),
  left('Currency', 264, 40),
  right('Gross', 306, 72),
  right('Refunds', 382, 60),
  right('Fees', 446, 66),
  right('Adjustments', 516, 66),
  right('Net', 586, 70),
  right('Paid', 660, 70),
  right('Difference', 734, 68),
];

const DIFFERENCES: readonly Column[] = [
  left('Currency', 40, 60),
  right('Settlements', 104, 70),
  right('Brought in (debit +)', 180, 120),
  right('Suspense at opening', 310, 120),
  right('Suspense at closing', 440, 120),
];

/** Amounts that are nothing are left out, as in books. */
const sumsOf = (one: MonthReport['trial_balance'][number]): readonly string[] =>
  [one.opening_debits, one.opening_credits, one.closing_debits, one.closing_credits].map((amount) =>
    amount === 0 ? '' : readable(amount, one.currency),
  );

const orOpen = (amount: number | null, currency: string): string =>
  amount === null ? 'unpaid' : readable(amount, currency);

/** The report as pages to print, with its seal on each. Its time of making is when the month was closed: the same bytes each time. */
export const monthReportPdf = (report: MonthReport, { sha256 }: { readonly sha256: string }): Promise<Buffer> => {
  const { tenant_id, month, timezone, from, through, closed_at, revision, head_hash } = report;
  const sheet = new Sheet({
    title: `Month ${month}`,
    lines: [
      `${tenant_id}  ${timezone}  ${from} to ${through}`,
      `Closed at ${closed_at} by revision ${revision}, hash ${head_hash}`,
      `Report SHA-256 ${sha256}`,
    ],
    info: { Title: `Month ${month} ${tenant_id}`, CreationDate: new Date(closed_at) },
  });
  sheet.table('Trial balance', SUMS('Total'));
  for (const one of report.trial_balance) sheet.row(['All accounts', one.currency, ...sumsOf(one)], true);
  sheet.table('Accounts', SUMS('Kind'));
  for (const one of report.accounts) sheet.row([one.code ?? one.type, one.currency, ...sumsOf(one)]);
  sheet.table('Settlements', SETTLEMENTS);
  for (const one of report.settlements) {
    const sums = [one.gross, one.refunds, one.fees, one.adjustments, one.net];
    sheet.row([
      one.business_date,
      one.settlement_id,
      one.currency,
      ...sums.map((amount) => readable(amount, one.currency)),
      orOpen(one.paid_amount, one.currency),
      one.difference === null ? '' : readable(one.difference, one.currency),
    ]);
  }
  sheet.table('Differences', DIFFERENCES);
  for (const { currency, settlements, ...amounts } of report.differences) {
    const { amount, suspense_opening, suspense_closing } = amounts;
    sheet.row([
      currency,
      String(settlements),
      ...[amount, suspense_opening, suspense_closing].map((one) => readable(one, currency)),
    ]);
  }
  return sheet.end();
};

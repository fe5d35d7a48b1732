import type { StatementLine, StatementResource } from '#contract/resources/statement.js';
import { readable } from './decimal.js';
import { Sheet, type Column } from './sheet.js';

const COLUMNS: readonly Column[] = [
  { name: 'Effective (UTC)', x: 40, width: 76, align: 'left' },
  { name: 'Transaction', x: 120, width: 156, align: 'left' },
  { name: 'Type', x: 280, width: 80, align: 'left' },
  { name: 'Reference', x: 364, width: 86, align: 'left' },
  { name: 'Narration', x: 454, width: 94, align: 'left' },
  { name: 'Debit', x: 552, width: 78, align: 'right' },
  { name: 'Credit', x: 634, width: 78, align: 'right' },
  { name: 'Balance', x: 716, width: 86, align: 'right' },
];

const LINES_AT_ONCE = 500;

const cellsOf = (line: StatementLine, currency: string): readonly string[] => {
  const amount = readable(line.amount, currency);
  const isDebit = line.direction === 'debit';
  return [
    line.effective_at.slice(0, 16).replace('T', ' '),
    line.transaction_id,
    line.type ?? '',
    line.reference ?? '',
    line.narration ?? '',
    isDebit ? amount : '',
    isDebit ? '' : amount,
    readable(line.balance, currency),
  ];
};

const sum = (name: string, ...[debit = '', credit = '', balance = '']: readonly string[]): readonly string[] => [
  name,
  '',
  '',
  '',
  '',
  debit,
  credit,
  balance,
];

/** The statement as pages to print. Its time of making is the period's end, so that the same statement is the same bytes. */
export const statementPdf = async (statement: StatementResource): Promise<Buffer> => {
  const { account_id, account_code, currency, from, to, revision, lines } = statement;
  const sheet = new Sheet({
    title: 'Account statement',
    lines: [`${account_code}  ${account_id}  ${currency}`, `${from} to ${to}, as of revision ${revision}`],
    info: { Title: `Statement ${account_id}`, CreationDate: new Date(to) },
  });
  const { opening_balance, closing_balance, total_debits, total_credits } = statement;
  sheet.table(null, COLUMNS);
  sheet.row(sum('Opening balance', '', '', readable(opening_balance, currency)), true);
  for (const [i, line] of lines.entries()) {
    sheet.row(cellsOf(line, currency));
    // Others are served in between.
    if (i % LINES_AT_ONCE === LINES_AT_ONCE - 1) await new Promise(setImmediate);
  }
  sheet.row(sum('Turnover', readable(total_debits, currency), readable(total_credits, currency)), true);
  sheet.row(sum('Closing balance', '', '', readable(closing_balance, currency)), true);
  return sheet.end();
};

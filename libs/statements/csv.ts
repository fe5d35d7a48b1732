import type { StatementResource } from '#contract/resources/statement.js';

const COLUMNS = [
  'effective_at',
  'recorded_at',
  'transaction_id',
  'entry_id',
  'type',
  'reference',
  'narration',
  'debit_minor',
  'credit_minor',
  'balance_minor',
  'currency',
] as const;

/** What a spreadsheet would take for a formula is marked as text. */
const isFormula = (text: string): boolean => /^[=+\-@\t\r]/.test(text);

const cell = (value: string | null, isFree = false): string => {
  const text = value === null ? '' : isFree && isFormula(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/**
 * RFC 4180: a row of names, a row for the opening balance, one for each line, one for the closing balance. Amounts are minor units, as in JSON.
 */
export const statementCsv = (statement: StatementResource): string => {
  const { currency, from, to, opening_balance, closing_balance, lines } = statement;
  const balanceRow = (at: string, what: string, balance: number): string =>
    [at, '', '', '', what, '', '', '', '', String(balance), currency].join(',');
  const rows = lines.map((line) => {
    const amount = String(line.amount);
    return [
      line.effective_at,
      line.recorded_at,
      line.transaction_id,
      line.entry_id,
      cell(line.type),
      cell(line.reference, true),
      cell(line.narration, true),
      line.direction === 'debit' ? amount : '',
      line.direction === 'credit' ? amount : '',
      String(line.balance),
      currency,
    ].join(',');
  });
  return [
    COLUMNS.join(','),
    balanceRow(from, 'opening_balance', opening_balance),
    ...rows,
    balanceRow(to, 'closing_balance', closing_balance),
    '',
  ].join('\r\n');
};

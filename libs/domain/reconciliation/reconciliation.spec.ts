import type { Command } from '../commands.js';
import { account, deposit, given, named, tenant, type Book, type Row, type Step } from '../spec-support.js';
import type { ImportBankStatement } from './import-bank-statement.js';

type Data = ImportBankStatement['data'];

const line = (amount: number, transaction_id: string | null = null): Data['lines'][number] => ({
  amount,
  booked_on: '2026-01-05',
  value_on: '2026-01-05',
  reference: null,
  text: 'x',
  transaction_id,
});
const taken = (lines: Data['lines'], more: Partial<Data> = {}): Command => ({
  type: 'ImportBankStatement',
  data: {
    account_id: '@main',
    digest: 'd1',
    format: 'mt940',
    number: '1',
    currency: 'NGN',
    opened_on: '2026-01-04',
    closed_on: '2026-01-05',
    opening_balance: 0,
    closing_balance: 0,
    lines,
    ...more,
  },
});
const born: readonly Step[] = [tenant(), account('ada'), account('main', 'float'), named('in', deposit('ada', 70))];

const ROWS: readonly Row[] = [
  ['an unknown account', born, taken([], { account_id: 'acc_x' }), 'refused: account_not_found (account_id)'],
  ['a customer’s account', born, taken([], { account_id: '@ada' }), 'refused: invalid_parameter (account_id)'],
  ['another currency', born, taken([], { currency: 'EUR' }), 'refused: currency_mismatch (file)'],
  ['the day after tomorrow', born, taken([], { closed_on: '2026-01-07' }), 'refused: invalid_bank_statement (file)'],
  ['tomorrow, as it is elsewhere', born, taken([], { closed_on: '2026-01-06' }), 'BankStatementImported'],
  ['the same file', [...born, taken([])], taken([line(1)]), 'unchanged'],
  ['another file', [...born, taken([])], taken([], { digest: 'd2' }), 'BankStatementImported'],
];

const statusesOf = (book: Book): string[] =>
  book.events.flatMap(({ data }) => ('lines' in data ? data.lines.map(({ status }) => status) : []));

describe('ImportBankStatement', () => {
  it.each(ROWS)('%s', (_telling, history, command, outcome) => {
    expect(given(...history).when(command).outcome).toBe(outcome);
  });

  it.each([
    ['a transaction of that amount', [line(70, '@in')], ['matched']],
    ['one of another amount', [line(71, '@in')], ['unmatched']],
    ['one of the other side', [line(-70, '@in')], ['unmatched']],
    ['one that is nowhere', [line(70, 'ltx_x')], ['unmatched']],
    ['one that two lines want', [line(70, '@in'), line(70, '@in')], ['matched', 'unmatched']],
  ])('looks at each match itself: %s', (_telling, lines, statuses) => {
    const { book, when } = given(...born);
    when(taken(lines));
    expect(statusesOf(book)).toEqual(statuses);
  });

  it('gives no transaction to two statements, and matches what was reversed by what it had moved', () => {
    const reversed: Command = { type: 'ReverseTransaction', data: { transaction_id: '@in' } };
    const { book, when } = given(...born, reversed, taken([line(70, '@in')]));
    when(taken([line(70, '@in')], { digest: 'd2' }));
    expect(statusesOf(book)).toEqual(['matched', 'unmatched']);
  });

  it('keeps what the file calls the account, sealed', () => {
    const { events } = given(...born).when(taken([line(1)], { bank_account: 'DE89370400440532013000' }));
    const [imported] = events;
    expect(imported?.data).toMatchObject({
      bank_statement: { bank_account: expect.stringMatching(/^s1\..*\.DE89370400440532013000$/) as string },
    });
  });

  it('gives one between two accounts of ours to the statements of both banks', () => {
    const entries = [
      { account: '@other', direction: 'debit', amount: 30, currency: 'NGN' },
      { account: '@main', direction: 'credit', amount: 30, currency: 'NGN' },
    ];
    const between = {
      type: 'PostTransaction',
      data: { type: 'journal', entries },
    } as unknown as Command;
    const { book, when } = given(...born, account('other', 'float'), named('between', between));
    when(taken([line(-30, '@between')]));
    when(taken([line(30, '@between')], { digest: 'd2', account_id: '@other' }));
    expect(statusesOf(book)).toEqual(['matched', 'matched']);
  });
});

describe('ResolveBankStatementLine', () => {
  const resolve = (book: Book, index: number, more: object = {}): Command => {
    const [imported] = book.events.flatMap((event) => (event.type === 'BankStatementImported' ? [event.data] : []));
    const { bank_statement, lines } = imported!;
    const named = { statement_id: bank_statement.statement_id, line_id: lines[index]?.line_id ?? 'bsl_x' };
    return { type: 'ResolveBankStatementLine', data: { ...named, reason: 'r', ...more } };
  };
  const history = [...born, named('more', deposit('ada', 5)), taken([line(70, '@in'), line(1), line(5)])];

  it.each([
    ['a line that is matched', 0, {}, 'refused: invalid_state'],
    ['a line that is not there', 9, {}, 'refused: bank_statement_not_found'],
    ['a line of another statement', 1, { statement_id: 'bst_x' }, 'refused: bank_statement_not_found'],
    [
      'a transaction that is another line',
      1,
      { transaction_id: '@in' },
      'refused: transaction_reconciled (transaction_id)',
    ],
    ['a transaction that is none', 1, { transaction_id: 'ltx_x' }, 'refused: invalid_parameter (transaction_id)'],
    ['a transaction of another amount', 1, { transaction_id: '@more' }, 'refused: invalid_parameter (transaction_id)'],
    ['with a reason', 1, {}, 'BankStatementLineResolved'],
    ['as a transaction', 2, { transaction_id: '@more' }, 'BankStatementLineResolved'],
  ])('%s', (_telling, index, more, outcome) => {
    const { book, when } = given(...history);
    expect(when(resolve(book, index, more)).outcome).toBe(outcome);
  });

  it('is done once, and counts', () => {
    const { book, when } = given(...history);
    when(resolve(book, 1));
    const [event] = when(resolve(book, 2, { transaction_id: '@more' })).events;
    expect(event?.data).toMatchObject({ bank_statement: { matched_count: 1, resolved_count: 2 } });
    expect(when(resolve(book, 1)).outcome).toBe('refused: invalid_state');
  });
});

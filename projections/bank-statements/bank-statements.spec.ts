import { account, deposit, named } from '#domain/spec-support.js';
import { withTenant, type TenantSession } from '#projecting/tenant-session.js';
import { ReadModels, type StoredBook } from '../../test/support/read-models.js';
import {
  getBankStatement,
  listBankStatementLines,
  listBankStatements,
  unreconciled,
} from './bank-statements.queries.js';

let models: ReadModels;
let book: StoredBook;
let statementId: string;
beforeAll(async () => {
  models = await ReadModels.start();
  models.run();
  book = await models.tenant(
    1,
    account('ada'),
    account('main', 'float'),
    named('in', deposit('ada', 1_000)),
    named('more', deposit('ada', 50)),
  );
  const line = { booked_on: '2026-01-06', value_on: '2026-01-06', reference: null, text: 'x', transaction_id: null };
  const [imported] = await book.ask({
    type: 'ImportBankStatement',
    data: {
      account_id: '@main',
      digest: 'd1',
      format: 'mt940',
      number: '1',
      currency: 'NGN',
      opened_on: '2026-01-05',
      closed_on: '2026-01-06',
      opening_balance: 0,
      closing_balance: 2_000,
      lines: [
        { ...line, amount: 1_000, transaction_id: '@in' },
        // The same transaction, and one of another amount: nobody's match.
        { ...line, amount: 1_000, transaction_id: '@in' },
        { ...line, amount: 0, transaction_id: '@more' },
      ],
    },
  });
  if (imported?.type !== 'BankStatementImported') throw new Error('not taken');
  statementId = imported.data.bank_statement.statement_id;
  const line_id = imported.data.lines[1]!.line_id;
  await book.tell({ type: 'ResolveBankStatementLine', data: { statement_id: statementId, line_id, reason: 'twice' } });
  await models.projected(book);
});
afterAll(() => models.close());

const read = async <T>(what: (session: TenantSession) => Promise<T>): Promise<T> =>
  (await withTenant(models.app, book.tenantId, what)).data;

describe('bank statements', () => {
  it('are as their last event leaves them', async () => {
    const one = await read((session) => getBankStatement(session, statementId));
    expect(one).toMatchObject({ line_count: 3, matched_count: 1, resolved_count: 1, unmatched_count: 1 });
    const { data } = await read((session) => listBankStatements(session, { limit: 9, accountId: book.id('main') }));
    expect(data).toEqual([one]);
  });

  it('have lines, of which no two are one transaction, and none of another amount', async () => {
    const { data } = await read((session) => listBankStatementLines(session, { limit: 9, order: 'asc', statementId }));
    expect(data.map(({ status, transaction_id, reason }) => [status, transaction_id, reason])).toEqual([
      ['matched', book.id('in'), null],
      ['resolved', null, 'twice'],
      ['unmatched', null, null],
    ]);
    const open = await read((session) =>
      listBankStatementLines(session, { limit: 9, statementId, status: 'unmatched' }),
    );
    expect(open.data).toHaveLength(1);
  });

  it('leave over what moved the account and is no line of any', async () => {
    const period = { id: book.id('main'), from: 0, to: book.at };
    const left = await read((session) => unreconciled(session, period));
    expect(left).toMatchObject([{ transaction_id: book.id('more'), amount: 50, type: 'deposit', reference: null }]);
    expect(await read((session) => unreconciled(session, { ...period, to: 1 }))).toEqual([]);
  });
});

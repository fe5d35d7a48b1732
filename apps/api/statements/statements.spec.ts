import { verifyReceipt } from '#proof/receipt.js';
import { openCheckpoint } from '#proof/checkpoint.js';
import { ApiUnderTest, type Reply } from '../spec-support.js';

const told = ({ status, body }: Reply): string =>
  [status, body.error?.code, body.error?.param].filter(Boolean).join(' ');

let api: ApiUnderTest;
let tenant: string;
let account: string;
let period: string;
const statement = (query: string, accept = 'application/json', id = account): Promise<Reply> =>
  api.send(tenant, 'GET', `/v1/accounts/${id}/statements?${query}`, undefined, { headers: { accept } });

beforeAll(async () => {
  api = await ApiUnderTest.start();
  tenant = await api.tenant();
  account = await api.funded(tenant, 10_000);
  const other = await api.account(tenant);
  for (const amount of [5, 7]) {
    const data = { type: 'transfer', amount, currency: 'NGN', source: account, destination: other };
    await api.send(tenant, 'POST', '/v1/transactions', data);
  }
  const { body } = await api.send(tenant, 'GET', `/v1/accounts/${account}/entries`);
  const { created_at } = (body.data as { created_at: string }[])[0]!;
  period = `from=2020-06-01T00:00:00Z&to=${created_at}`.replace('2020-06-01', created_at.slice(0, 10));
});
afterAll(() => api.close());

describe('GET /v1/accounts/{id}/statements', () => {
  it('200: opening, lines and closing, and the same again at its revision', async () => {
    const first = await statement(period);
    expect(first).toMatchObject({
      status: 200,
      body: { object: 'statement', opening_balance: 0, closing_balance: 9988, total_debits: 12, line_count: 3 },
    });
    const { revision } = first.body;
    await api.send(tenant, 'POST', '/v1/transactions', {
      type: 'withdrawal',
      amount: 3,
      currency: 'NGN',
      source: account,
    });
    expect((await statement(`${period}&revision=${revision as number}`)).text).toBe(first.text);
  });

  it.each([
    ['text/csv', 'text/csv; charset=utf-8', /^effective_at,[^\n]*\r\n[^\n]*opening_balance/],
    ['application/pdf', 'application/pdf', /^%PDF-1\./],
    ['application/vnd.camt.053+xml', 'application/vnd.camt.053+xml', /<Document xmlns="urn:iso:std:iso:20022/],
    ['text/csv;q=0.5, application/vnd.camt.053+xml;q=0.9', 'application/vnd.camt.053+xml', /<Document/],
    ['text/html', 'application/json; charset=utf-8', /^\{"object":"statement"/],
  ])('%s is answered as %s', async (accept, type, content) => {
    const [one, two] = [
      await statement(`${period}&revision=5`, accept),
      await statement(`${period}&revision=5`, accept),
    ];
    expect(one.headers['content-type']).toBe(type);
    expect(one.text).toMatch(content);
    expect(two.text).toBe(one.text);
    expect(one.headers['vary']).toMatch('Accept');
  });

  it.each([
    ['to=2026-01-01T00:00:00Z', '400 missing_field from'],
    ['from=2026-01-01T00:00:00Z', '400 missing_field to'],
    ['from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z', '400 out_of_range to'],
    ['from=2020-01-02T00:00:00Z&to=2024-01-01T00:00:00Z', '400 out_of_range to'],
    ['from=2026-01-02T00:00:00Z&to=2999-01-01T00:00:00Z', '400 out_of_range to'],
    ['from=yesterday&to=2026-01-01T00:00:00Z', '400 pattern_mismatch from'],
    ['from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&revision=99999', '400 out_of_range revision'],
  ])('%s: %s', async (query, expected) => expect(told(await statement(query))).toBe(expected));

  it('404: no such account', async () => {
    expect(told(await statement(period, 'text/csv', 'acc_01HZXK5Y8Q2J3M4N5P6R7S8T9V'))).toBe('404 account_not_found');
  });
});

describe('GET /v1/ledger/checkpoint, /receipt', () => {
  it('200: a checkpoint that its key opens, and a receipt for every event', async () => {
    const { body } = await api.send(tenant, 'GET', '/v1/ledger/checkpoint');
    const { note, public_key, size } = body as unknown as { note: string; public_key: string; size: number };
    expect(openCheckpoint(note, public_key)?.size).toBe(size);
    for (let revision = 0; revision < size; revision++) {
      const receipt = await api.send(tenant, 'GET', `/v1/ledger/receipt?revision=${revision}`);
      expect(verifyReceipt(receipt.text, { key: public_key })).toMatchObject({ revision, size });
      const forged = receipt.text.replace('"event":"{\\"at\\":\\"2', '"event":"{\\"at\\":\\"3');
      expect(() => verifyReceipt(forged)).toThrow(`revision ${revision}: its hash`);
    }
  });

  it.each([
    ['', '400 missing_field revision'],
    ['?revision=99999', '400 out_of_range revision'],
    ['?revision=-1', '400 out_of_range revision'],
  ])('receipt%s: %s', async (query, expected) =>
    expect(told(await api.send(tenant, 'GET', `/v1/ledger/receipt${query}`))).toBe(expected),
  );
});

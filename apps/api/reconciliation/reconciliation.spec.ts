import { ApiUnderTest, type Reply } from '../spec-support.js';

const told = ({ status, body }: Reply): string => `${status} ${body.error?.code} ${body.error?.param ?? ''}`.trim();
const GHOST = 'bst_01HZXK5Y8Q2J3M4N5P6R7S8T9V';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await ApiUnderTest.start();
});
afterAll(() => api.close());

const today = (): string => new Date().toISOString().slice(2, 10).replace(/-/g, '');
/** Two lines: what was withdrawn, and what nobody here knows of. */
const file = (currency = 'NGN', closing = '5,00'): string => {
  const lines = [`:61:${today()}D4,NTRFPAY-1`, ':86:Payout', `:61:${today()}D1,NCHGNONREF`, ':86:Charges'];
  const text = [`:20:S`, `:60F:C${today()}${currency}10,00`, ...lines, `:62F:C${today()}${currency}${closing}`].join(
    '\n',
  );
  return Buffer.from(text).toString('base64');
};

const banked = async () => {
  const tenant = await api.tenant();
  const float = await api.account(tenant, { wallet_type: 'float' });
  const customer = await api.account(tenant);
  const post = (type: string, amount: number, more: object): Promise<Reply> =>
    api.send(tenant, 'POST', '/v1/transactions', { type, amount, currency: 'NGN', ...more });
  const deposit = await post('deposit', 1_000, { destination: customer });
  const payout = await post('withdrawal', 400, { source: customer, reference: 'PAY-1' });
  const upload = (body: object = {}, options = {}): Promise<Reply> =>
    api.send(tenant, 'POST', '/v1/bank_statements', { account_id: float, file: file(), ...body }, options);
  return { tenant, float, customer, deposit, payout, upload };
};

describe('bank statements', () => {
  it('201: are matched; what is on either side alone is listed, and resolved by hand with a reason', async () => {
    const { tenant, deposit, payout, upload } = await banked();
    const taken = await upload();
    expect(taken).toMatchObject({
      status: 201,
      body: { object: 'bank_statement', line_count: 2, matched_count: 1, unmatched_count: 1, closing_balance: 500 },
    });
    const at = `/v1/bank_statements/${taken.body.id}`;
    const lines = await api.send(tenant, 'GET', `${at}/lines?order=asc`);
    expect(lines.body.data).toMatchObject([
      { amount: -400, status: 'matched', transaction_id: payout.body.id, reference: 'PAY-1' },
      { amount: -100, status: 'unmatched', transaction_id: null, text: 'Charges' },
    ]);
    const missing = await api.send(tenant, 'GET', `${at}/unmatched_transactions`);
    expect(missing.body.data).toMatchObject([{ transaction_id: deposit.body.id, amount: 1_000, type: 'deposit' }]);
    const [matched, open] = lines.body.data as { id: string }[];
    const resolve = (id: string, body: object): Promise<Reply> =>
      api.send(tenant, 'POST', `${at}/lines/${id}/resolve`, body);
    expect(told(await resolve(matched!.id, { reason: 'r' }))).toBe('409 invalid_state');
    expect(told(await resolve(open!.id, { reason: 'r', transaction_id: payout.body.id }))).toBe(
      '409 transaction_reconciled transaction_id',
    );
    expect(told(await resolve(open!.id, {}))).toBe('400 missing_field reason');
    const resolved = await resolve(open!.id, { reason: 'Posted with the next month' });
    expect(resolved).toMatchObject({ status: 200, body: { status: 'resolved', reason: 'Posted with the next month' } });
    expect((await api.send(tenant, 'GET', at)).body).toMatchObject({ resolved_count: 1, unmatched_count: 0 });
    expect(told(await resolve(open!.id, { reason: 'again' }))).toBe('409 invalid_state');
  });

  it('the same file twice changes nothing, whoever asks', async () => {
    const { tenant, upload } = await banked();
    const first = await upload();
    const head = await api.head(tenant);
    const again = await upload();
    expect(again.body).toEqual(first.body);
    expect(await api.head(tenant)).toBe(head);
  });

  it('names a settlement’s payment by the reference that it was completed with', async () => {
    const { tenant, customer, float, upload } = await banked();
    const card = await api.send(tenant, 'POST', '/v1/cards', { account_id: customer, type: 'virtual' });
    await api.send(tenant, 'POST', `/v1/cards/${card.body.id}/activate`);
    await api.send(tenant, 'POST', '/v1/settlements/items', { type: 'network_fee', amount: 400, currency: 'NGN' });
    const { body } = await api.send(tenant, 'GET', '/v1/settlements');
    const [settlement] = body.data as { id: string }[];
    api.clock.offsetMs += 86_400_000;
    const pay = { amount: 400, reference: 'NSS-77' };
    await api.send(tenant, 'POST', `/v1/settlements/${settlement!.id}/complete`, pay);
    const paid = `${file()}`;
    const text = Buffer.from(paid, 'base64').toString().replace('PAY-1', 'NSS-77');
    const taken = await upload({ account_id: float, file: Buffer.from(text).toString('base64') });
    const lines = await api.send(tenant, 'GET', `/v1/bank_statements/${taken.body.id}/lines?status=matched`);
    const [line] = lines.body.data as { transaction_id: string }[];
    expect((await api.send(tenant, 'GET', `/v1/transactions/${line!.transaction_id}`)).body).toMatchObject({
      type: 'settlement_payment',
      metadata: { settlement_id: settlement!.id, payment_reference: 'NSS-77' },
    });
  });

  it('keeps no card number and no control character, and matches by what the file says all the same', async () => {
    const PAN = '4242424242424242';
    const { tenant, customer, upload } = await banked();
    const posted = { type: 'withdrawal', amount: 100, currency: 'NGN', source: customer, reference: PAN };
    const { body: withdrawal } = await api.send(tenant, 'POST', '/v1/transactions', posted);
    const text = Buffer.from(file(), 'base64')
      .toString()
      .replace('NONREF', PAN)
      .replace('Charges', 'Card 4242 4242 4242 4242 \u202echarges\u0007')
      .replace('\n', `\n:25:${PAN}\n`);
    const taken = await upload({ file: Buffer.from(text).toString('base64') });
    expect(taken).toMatchObject({ status: 201, body: { bank_account: '************4242', matched_count: 2 } });
    const lines = await api.send(tenant, 'GET', `/v1/bank_statements/${taken.body.id}/lines?order=asc`);
    expect((lines.body.data as unknown[])[1]).toMatchObject({
      reference: '************4242',
      text: 'Card **** **** **** 4242 charges',
      transaction_id: withdrawal.id,
    });
  });

  it('413 before anything is looked for, where its lines fit into no append', async () => {
    const { tenant } = await banked();
    const line = `:61:${today()}C0,NTRFX\n:86:${'x'.repeat(450)}\n`;
    const text = `:20:S\n:60F:C${today()}NGN0,\n${line.repeat(1_400)}:62F:C${today()}NGN0,\n`;
    const body = { account_id: GHOST.replace('bst', 'acc'), file: Buffer.from(text).toString('base64') };
    const refused = await api.send(tenant, 'POST', '/v1/bank_statements', body);
    expect(told(refused)).toBe('413 body_too_large');
    expect(refused.body.error?.message).toMatch(/in parts/);
  });

  it.each([
    ['another currency', { file: file('EUR') }, '422 currency_mismatch file'],
    ['balances that don’t add up', { file: file('NGN', '5,01') }, '422 invalid_bank_statement file'],
    ['what is no statement', { file: Buffer.from('hello').toString('base64') }, '422 invalid_bank_statement file'],
    ['what is no base64', { file: 'a b c d' }, '400 pattern_mismatch file'],
    [
      'an account that is not there',
      { account_id: 'acc_01HZXK5Y8Q2J3M4N5P6R7S8T9V' },
      '400 account_not_found account_id',
    ],
  ])('%s: refused, and nothing is appended', async (_telling, body, expected) => {
    const { tenant, upload } = await banked();
    const head = await api.head(tenant);
    expect(told(await upload(body))).toBe(expected);
    expect(await api.head(tenant)).toBe(head);
  });

  it('a customer’s account has none; another tenant’s are not there', async () => {
    const { customer, upload } = await banked();
    expect(told(await upload({ account_id: customer }))).toBe('400 invalid_parameter account_id');
    const { body } = await upload();
    const other = await api.tenant();
    for (const id of [body.id as string, GHOST]) {
      for (const path of ['', '/lines', '/unmatched_transactions']) {
        expect(told(await api.send(other, 'GET', `/v1/bank_statements/${id}${path}`))).toBe(
          '404 bank_statement_not_found',
        );
      }
    }
  });
});

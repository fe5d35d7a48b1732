/** What is answered while the database can't: never that nothing was done where something may have been. */
import { ApiUnderTest, type Reply, type SendOptions } from './spec-support.js';

const ACCOUNT = { account_name: 'Ada', wallet_type: 'customer', currency: 'NGN' };
const told = ({ status, body }: Reply): string => `${status} ${body.error?.code}`;

let api: ApiUnderTest;
let tenant: string;
beforeAll(async () => {
  api = await ApiUnderTest.start();
  tenant = await api.tenant();
});
afterAll(() => api.close());

describe('a database that went away', () => {
  const gone = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
  const without = async <T extends object>(
    of: T,
    method: keyof T,
    error: Error,
    run: () => Promise<Reply>,
  ): Promise<Reply> => {
    Object.assign(of, { [method]: () => Promise.reject(error) });
    try {
      return await run();
    } finally {
      // The prototype's is seen again.
      delete of[method];
    }
  };

  it('503 with a time for who reads, and nothing of why', async () => {
    const id = await api.account(tenant);
    const answer = await without(api.reads, 'one', gone, () => api.send(tenant, 'GET', `/v1/accounts/${id}`));
    expect([told(answer), answer.headers['retry-after']]).toEqual(['503 service_unavailable', '1']);
    expect(answer.text).not.toContain('connect');
  });

  it.each([gone, new TypeError('whatever')])('%p: what is committed is never answered as failed', async (error) => {
    const before = await api.head(tenant);
    const older = { key: null, headers: { 'QairoPay-Version': '2025-11-01' } };
    const key = `gone-${error.name}`;
    const open = (options: SendOptions): Promise<Reply> => api.send(tenant, 'POST', '/v1/accounts', ACCOUNT, options);
    const keyed = await without(api.vault, 'opener', error, () => open({ key }));
    const unkeyed = await without(api.vault, 'opener', error, () => open(older));
    expect([keyed, unkeyed].map(told)).toEqual(['409 request_in_flight', '503 outcome_pending']);
    expect([keyed, unkeyed].map(({ headers }) => headers['retry-after'])).toEqual(['1', '1']);
    expect(await api.head(tenant)).toBe(before + 2);
    const again = await api.send(tenant, 'POST', '/v1/accounts', ACCOUNT, { key });
    expect([again.status, again.headers['idempotent-replayed'], await api.head(tenant)]).toEqual([
      201,
      'true',
      before + 2,
    ]);
  });

  it('a batch is answered as a whole then, and with the same key again line by line', async () => {
    const destination = await api.account(tenant);
    const one = { type: 'deposit', amount: 1, currency: 'NGN', destination, narration: 'n' };
    for (const atomic of [true, false]) {
      const body = { atomic, transactions: [one, one] };
      const post = (): Promise<Reply> =>
        api.send(tenant, 'POST', '/v1/transactions/batch', body, { key: `batch-${atomic}` });
      expect(told(await without(api.vault, 'opener', gone, post))).toBe('409 request_in_flight');
      const again = await post();
      expect([again.status, (again.body.data as { status: number }[]).map(({ status }) => status)]).toEqual([
        200,
        [201, 201],
      ]);
    }
  });
});

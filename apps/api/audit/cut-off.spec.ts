import { request as httpRequest, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { ApiUnderTest } from '../spec-support.js';

/** Of who answers the raw stream. */
const EVENTS_AT_ONCE = 100;

let api: ApiUnderTest;
let base: string;
beforeAll(async () => {
  api = await ApiUnderTest.start();
  base = await api.api.listen('127.0.0.1', 0);
});
afterAll(() => api.close());

const noted = async (tenantId: string): Promise<(string | null)[]> =>
  (await api.audit.links(tenantId, { filters: {}, order: 'asc', limit: 100, after: null })).map(
    ({ entry }) => entry.operation,
  );

it('an operator who hangs up before the end of what they read is noted as one who reads it to the end, once', async () => {
  const tenant = await api.tenant();
  await api.account(tenant);
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const read = api.store.read.bind(api.store);
  api.store.read = async function* (stream: string, from: number, atOnce?: number) {
    if (atOnce !== EVENTS_AT_ONCE) return yield* read(stream, from, atOnce);
    for await (const page of read(stream, from, 1)) {
      yield page;
      await held;
    }
  };
  const sent = httpRequest(`${base}/api/v1/admin/tenants/${tenant}/events`, {
    headers: { authorization: 'Bearer operator-token' },
  });
  sent.end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  expect(answer.statusCode).toBe(200);
  await once(answer, 'data');
  answer.destroy();
  for (const late = performance.now() + 20_000; (await noted(tenant)).length === 0;) {
    if (performance.now() > late) throw new Error('what was read before the end was not noted');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  release();
  api.store.read = read;
  expect((await api.send('operator-token', 'GET', `/api/v1/admin/tenants/${tenant}/events`)).status).toBe(200);
  expect(await noted(tenant)).toEqual(['streamTenantEvents', 'streamTenantEvents']);
});

import { pino } from 'pino';
import { InstallationUnderTest } from './spec-installation.js';
import { openApi, type RunningApi } from './wiring.js';

const URL = process.env.DAYBOOK_TEST_REDIS_URL;
const run = URL === undefined ? describe.skip : describe;

run('two instances over one Redis', () => {
  let at: InstallationUnderTest;
  let other: RunningApi;
  beforeAll(async () => {
    at = await InstallationUnderTest.start({ REDIS_URL: URL! });
    other = await openApi(at.installation, { logger: pino({ level: 'silent' }) });
  }, 60_000);
  afterAll(async () => {
    await other.close();
    await at.close();
  });

  it('take as many calls of a key as it has, together', async () => {
    const { id } = await at.tenant();
    const made = await at.admin('POST', `/${id}/api-keys`, { scopes: ['accounts:read'], rate_limit_per_min: 10 });
    const headers = { authorization: `Bearer ${made.body.full_key as string}` };
    const statuses = await Promise.all(
      Array.from({ length: 30 }, async (_, i) => {
        const { app } = i % 2 === 0 ? at.api : other;
        return (await app.inject({ method: 'GET', url: '/v1/accounts', headers })).statusCode;
      }),
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(20);
    const { body } = await at.send('GET', '/readyz');
    expect(body.checks).toContainEqual(expect.objectContaining({ name: 'rate limits', ok: true, trouble: null }));
  });
});

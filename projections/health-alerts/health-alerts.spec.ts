import { ReadModels } from '../../test/support/read-models.js';
import { allBeyond, tenantsAfter } from './health-alerts.queries.js';

let models: ReadModels;
beforeAll(async () => {
  models = await ReadModels.start();
  models.run();
});
afterAll(() => models.close());

it('health alerts of all tenants are known to who watches, as long as they last', async () => {
  const [one, two] = [await models.tenant(1), await models.tenant(2)];
  await one.tell({ type: 'RecordHealth', data: { measures: { rate_limit_hits: 101, blocked_accounts: 11 } } });
  await two.tell({ type: 'RecordHealth', data: { measures: { webhook_failure_rate: 501 } } });
  await one.tell({ type: 'RecordHealth', data: { measures: { rate_limit_hits: 1 } } });
  await models.projected(one);
  await models.projected(two);
  expect(await allBeyond(models.engine)).toEqual([
    { tenantId: one.tenantId, indicator: 'blocked_accounts' },
    { tenantId: two.tenantId, indicator: 'webhook_failure_rate' },
  ]);
  expect(await tenantsAfter(models.engine, '', 9)).toEqual([one.tenantId, two.tenantId]);
  expect(await tenantsAfter(models.engine, one.tenantId, 9)).toEqual([two.tenantId]);
});

import type { Command } from '#domain/commands.js';
import { named } from '#domain/spec-support.js';
import { prepareDatabase } from '#platform/database/prepare-database.js';
import { PROJECTION_MIGRATIONS } from '#projections/registry.js';
import { VAULT_MIGRATIONS } from '#vault/migrations.js';
import { MASTER_KEY, ReadModels } from '../../test/support/read-models.js';
import { pendingErasures } from './erasures.queries.js';

let models: ReadModels;
beforeAll(async () => {
  models = await ReadModels.start();
  await prepareDatabase(models.ownerUrl, MASTER_KEY, [...PROJECTION_MIGRATIONS, ...VAULT_MIGRATIONS]);
  models.run();
});
afterAll(() => models.close());

const customer = (name: string): Command => ({ type: 'CreateCustomer', data: { kind: 'person', name } }) as Command;

describe('erasures', () => {
  it('are pending until their rows were blanked, settled once the key is gone for a while', async () => {
    const book = await models.tenant(1, named('cyn', customer('Cyn')), named('dan', customer('Dan')));
    const [cyn, dan] = [book.id('cyn'), book.id('dan')];
    for (const subject_id of [cyn, dan]) await book.ask({ type: 'EraseSubject', data: { subject_id } });
    await models.projected(book);
    const of = (subjectId: string, settled: boolean): object => ({ tenantId: book.tenantId, subjectId, settled });
    const pending = async (): Promise<readonly object[]> =>
      [...(await pendingErasures(models.engine, 1_000))].sort((a, b) => (a.subjectId < b.subjectId ? -1 : 1));
    expect(await pending()).toEqual([of(cyn, false), of(dan, false)]);
    const dropped = `INSERT INTO daybook.subject_keys (tenant_id, subject, erased_at)
      VALUES ($1, $2, now() - interval '1 minute'), ($1, $3, now())`;
    await models.engine.query(dropped, [book.tenantId, cyn, dan]);
    expect(await pending()).toEqual([of(cyn, true), of(dan, false)]);
    await models.engine.query('UPDATE daybook.subject_keys SET rows_blanked_at = now() WHERE subject = $1', [cyn]);
    expect(await pending()).toEqual([of(dan, false)]);
  });
});

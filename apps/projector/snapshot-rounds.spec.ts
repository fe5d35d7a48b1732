import { pino } from 'pino';
import { ledgerStream } from '#domain/codec.js';
import { account } from '#domain/spec-support.js';
import { FOLD_VERSION } from '#engine/snapshots.js';
import { PostgresSnapshots } from '#projections/snapshots/snapshots.queries.js';
import { ReadModels } from '../../test/support/read-models.js';
import { SnapshotRounds } from './snapshot-rounds.js';

let models: ReadModels;
beforeAll(async () => void (models = await ReadModels.start()));
afterAll(() => models.close());

/** From now on a stream can't be read. */
const broken = (stream: string): void => {
  const read = models.store.read.bind(models.store);
  models.store.read = (asked, from, pageSize) => {
    if (asked === stream) throw new Error('the disk is broken here');
    return read(asked, from, pageSize);
  };
};

describe('rounds of snapshots', () => {
  it('are made by the leader only, and go on after a tenant that can’t be folded', async () => {
    const first = await models.tenant(1, account('ada'));
    const sound = await models.tenant(2, account('bob'));
    models.run();
    await models.projected(first);
    await models.projected(sound);
    const warned: string[] = [];
    const logger = pino({ level: 'warn' }, { write: (line) => void warned.push(line) });
    const snapshots = new PostgresSnapshots(models.engine);
    broken(ledgerStream(first.tenantId));
    const installation = { store: models.store, pools: { projector: models.projector } };
    let leads = false;
    const rounds = new SnapshotRounds(installation, logger, () => leads, { minimumEvents: 2 });
    const { signal } = new AbortController();
    await rounds.round(signal);
    expect(await snapshots.latest(sound.tenantId, FOLD_VERSION)).toBeNull();
    leads = true;
    await rounds.round(signal);
    expect(await snapshots.latest(sound.tenantId, FOLD_VERSION)).toMatchObject({ revision: 1 });
    expect(await snapshots.latest(first.tenantId, FOLD_VERSION)).toBeNull();
    expect(warned.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { tenant_id: first.tenantId, err: { message: 'the disk is broken here' } },
    ]);
  });

  it('wait while the rows have to keep up with a load', async () => {
    const tenant = await models.tenant(3, account('cyd'));
    models.run();
    await models.projected(tenant);
    const snapshots = new PostgresSnapshots(models.engine);
    const installation = { store: models.store, pools: { projector: models.projector } };
    let looks = 0;
    let isCalm = false;
    const isLoaded = (): boolean => {
      looks += 1;
      return !isCalm;
    };
    const rounds = new SnapshotRounds(installation, pino({ level: 'silent' }), () => true, {
      minimumEvents: 2,
      isLoaded,
      everyMs: 5,
    });
    const ending = new AbortController();
    const running = rounds.run(ending.signal);
    while (looks < 5) await new Promise((next) => setTimeout(next, 5));
    expect(await snapshots.latest(tenant.tenantId, FOLD_VERSION)).toBeNull();
    isCalm = true;
    while ((await snapshots.latest(tenant.tenantId, FOLD_VERSION)) === null)
      await new Promise((next) => setTimeout(next, 5));
    ending.abort();
    await running;
  });
});

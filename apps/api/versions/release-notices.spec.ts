import { API_VERSIONS, type ApiVersion } from '#contract/api-versions.js';
import type { Instant } from '#domain/time.js';
import { LedgerEngine } from '#engine/ledger-engine.js';
import { MemorySnapshots, StreamIndexes } from '#engine/spec-support.js';
import type { Letter } from '#platform/mail/mail.js';
import { ApiUnderTest } from '../spec-support.js';
import { ReleaseNotices, type ReleaseNoticePorts } from './release-notices.js';

const DAY = 86_400_000;

let api: ApiUnderTest;
let other: LedgerEngine;
beforeAll(async () => {
  api = await ApiUnderTest.start();
  const { store, vault, clock } = api;
  const indexes = new StreamIndexes(store);
  const ports = { coldIndex: indexes.cold, idempotencyIndex: indexes.idempotency, snapshots: new MemorySnapshots() };
  other = new LedgerEngine({ store, vault, clock, ...ports });
});
afterAll(async () => {
  await other.drain();
  await api.close();
});

/** The versions as they are, and one that shipped just after the tenants were made. */
const tomorrow = (): string => new Date(Date.now() + DAY).toISOString().slice(0, 10);
const released = (date: string): readonly ApiVersion[] => [
  ...API_VERSIONS,
  { date, deprecated: null, ends: null, changes: API_VERSIONS.at(-1)!.changes },
];

const telling = (tenants: readonly string[], more: Partial<ReleaseNoticePorts> = {}) => {
  const letters: Letter[] = [];
  const trouble: (string | null)[] = [];
  const claimed = new Set<string>();
  const date = tomorrow();
  let now = Date.parse(date);
  const on = (engine: ReleaseNoticePorts['engine']) =>
    new ReleaseNotices({
      tenants: async () => tenants,
      tenant: async (id) => (await api.reads.tenant(id)).resource,
      told: {
        untold: async (version, ids) => ids.filter((id) => !claimed.has(`${version} ${id}`)),
        claim: async (version, id) => !claimed.has(`${version} ${id}`) && claimed.add(`${version} ${id}`) !== undefined,
      },
      engine,
      mail: { post: (letter) => void letters.push(letter), close: () => Promise.resolve() },
      clock: { now: () => now as Instant },
      baseUrl: () => 'http://here',
      onTrouble: (_error, tenantId) => void trouble.push(tenantId),
      versions: released(date),
      ...more,
    });
  return { letters, trouble, claimed, date, on, at: (ms: number) => void (now = Date.parse(date) + ms) };
};

const eventsOf = async (tenant: string): Promise<Record<string, unknown>[]> =>
  (await api.send(tenant, 'GET', '/v1/events?type=api_version.released')).body.data as Record<string, unknown>[];

describe('a version that shipped', () => {
  it('is told to each tenant once, by an event and a letter, whichever instances look and however often', async () => {
    const tenants = [await api.tenant(), await api.tenant()];
    const { letters, claimed, on, date } = telling([...tenants, 'tnt_half_made']);
    await Promise.all([on(api.engine).look(), on(other).look()]);
    await on(api.engine).look();
    // What was claimed is forgotten: the ledger still knows whom it told.
    claimed.clear();
    await on(other).look();
    for (const tenant of tenants) {
      expect(await eventsOf(tenant)).toEqual([
        expect.objectContaining({
          type: 'api_version.released',
          data: {
            api_version: {
              object: 'api_version_release',
              id: date,
              supersedes: '2026-05-19',
              changes: ['card-blocked-categories', 'dispute-reason-complaint', 'settlement-line-types'],
            },
          },
        }),
      ]);
      expect(letters.slice(0, 2).filter(({ about }) => about === tenant)).toEqual([
        expect.objectContaining({ to: 'jo@acme.example', subject: `API version ${date} has shipped` }),
      ]);
    }
    expect(letters[0]?.text).toContain(`http://here/docs/migrations/${date}`);
  });

  it('is told neither before, nor after 30 days, nor to whoever came after it', async () => {
    const tenant = await api.tenant();
    const { letters, on, at } = telling([tenant]);
    for (const ms of [-1, 30 * DAY]) {
      at(ms);
      await on(api.engine).look();
    }
    at(30 * DAY - 1);
    const late = { ...(await api.reads.tenant(tenant)).resource, created_at: '2999-01-01T00:00:00.000Z' };
    await telling([tenant], { tenant: async () => late })
      .on(api.engine)
      .look();
    expect([await eventsOf(tenant), letters]).toEqual([[], []]);
    await on(api.engine).look();
    expect([(await eventsOf(tenant)).length, letters.length]).toEqual([1, 1]);
  });

  it('is told to the others where one can’t be told, and to that one later', async () => {
    const tenants = [await api.tenant(), await api.tenant()];
    const { letters, trouble, on } = telling(tenants);
    const broken: ReleaseNoticePorts['engine'] = {
      execute: (asked) =>
        asked.tenantId === tenants[0] ? Promise.reject(new Error('parked')) : api.engine.execute(asked),
    };
    await on(broken).look();
    expect([trouble, letters.map(({ about }) => about)]).toEqual([[tenants[0]], [tenants[1]]]);
    await on(api.engine).look();
    expect(letters.map(({ about }) => about)).toEqual([tenants[1], tenants[0]]);
    expect((await eventsOf(tenants[0] as string)).length).toBe(1);
  });
});

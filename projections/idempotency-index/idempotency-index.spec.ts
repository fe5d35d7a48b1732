import { createHash } from 'node:crypto';
import { encodeEvent, ledgerStream } from '#domain/codec.js';
import type { IdempotencyRecord } from '#domain/ledger.js';
import { account, plainSeal, ulidAt, START } from '#domain/spec-support.js';
import { ReadModels, type StoredBook } from '../../test/support/read-models.js';
import { PostgresIdempotencyIndex } from './idempotency-index.queries.js';

let models: ReadModels;
let book: StoredBook;
const hex = (text: string): string => createHash('sha256').update(text).digest('hex');
const keyed = (key: string, part: IdempotencyRecord['part'] = null): IdempotencyRecord => ({
  key: hex(key),
  request: hex(`request ${key}`),
  operation: 'createTransaction',
  events: 2,
  part,
});

let made = 0;
const append = async (idempotency: IdempotencyRecord): Promise<void> => {
  const revision = (await models.store.head(ledgerStream(book.tenantId)))!.revision + 1;
  const id = ulidAt(START, (made += 1));
  const meta = {
    tenant_id: book.tenantId,
    sequence: null,
    actor: 'x',
    request_id: null,
    api_version: null,
    ip: null,
    idempotency,
  };
  const text = encodeEvent(
    { id, type: 'FeeRulesReplaced', data: { rules: [] }, subject: book.tenantId },
    revision,
    START,
    meta,
    plainSeal,
  );
  await book.append([
    { id, type: 'FeeRulesReplaced', payload: Buffer.from(text), hash: createHash('sha256').update(text).digest() },
  ]);
};

beforeAll(async () => {
  models = await ReadModels.start();
  models.run();
  book = await models.tenant(1, account('ada'));
  await append(keyed('one'));
  await append(keyed('batch', { i: 0, n: 2 }));
  await append(keyed('batch', { i: 1, n: 2 }));
  await append(keyed('one'));
  await models.until(async () => (await models.revision(book.tenantId, 'idempotency')) === 5);
});
afterAll(() => models.close());

describe('the idempotency index', () => {
  it('finds first outcomes and parts, and says how far it is complete', async () => {
    const index = new PostgresIdempotencyIndex(models.engine);
    const asked = [hex('one'), hex('batch'), `${hex('batch')}#1`, `${hex('batch')}#7`, hex('never'), hex('one')];
    const { revision, found } = await index.lookUp(book.tenantId, asked);
    expect(revision).toBe(5);
    expect([...found.keys()].sort()).toEqual([hex('one'), `${hex('batch')}#1`].sort());
    expect(found.get(hex('one'))).toEqual({
      request: hex('request one'),
      revision: 2,
      events: 2,
      operation: 'createTransaction',
    });
    expect(found.get(`${hex('batch')}#1`)?.revision).toBe(4);
    expect(await index.lookUp(book.tenantId, [])).toEqual({ revision: 5, found: new Map() });
    expect(await index.lookUp('tnt_0', [hex('one')])).toEqual({ revision: -1, found: new Map() });
  });

  it("is read by the writer's role alone", async () => {
    expect((await models.app.query('SELECT FROM idempotency_index')).rowCount).toBe(0);
    await expect(models.engine.query('DELETE FROM idempotency_index')).rejects.toThrow('permission denied');
  });
});

/** What somebody may do to a database in use, and that a comparison with the stream finds and locates it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { ledgerStream } from '#domain/codec.js';
import { account, card, customer, DAY, deposit, named, tenant, transfer, type Step } from '#domain/spec-support.js';
import type { EventStore, RecordedEvent } from '#event-store/event-store.js';
import { MemoryEventStore } from '#event-store/memory.js';
import { prepareDatabase } from '#platform/database/prepare-database.js';
import { GROUPS, PROJECTION_MIGRATIONS, PROJECTIONS } from '#projections/registry.js';
import { verifyFile } from '#proof/verify-file.js';
import { WEBHOOKS_MIGRATIONS } from '#webhooks/migrations.js';
import { compareReadModels, verifyStream } from '../../apps/cli/verify-against.js';
import { differenceFromBook } from '../../apps/cli/verify-continued.js';
import { checkDeliveries } from '../../apps/cli/verify-deliveries.js';
import { exportedBook } from '../support/books.js';
import { MASTER_KEY, ReadModels, StoredBook } from '../support/read-models.js';

const command = (type: string, data: object): Step => ({ type, data }) as Step;

const DEPOSITED = deposit('ada', 50_000);
const HISTORY: readonly Step[] = [
  customer('cyn'),
  account('ada', 'customer', 'NGN', { customer_id: '@cyn' }),
  account('bob'),
  DEPOSITED,
  named('paid', transfer('ada', 'bob', 700)),
  command('ReverseTransaction', { transaction_id: '@paid', amount: 100 }),
  command('CreateReservation', { account_id: '@ada', amount: 200, currency: 'NGN' }),
  ...card('visa', 'ada'),
  command('PostTransaction', {
    type: 'transfer',
    amount: 5,
    currency: 'NGN',
    source: '@ada',
    destination: '@bob',
    effective_at: '2026-01-01T00:00:00Z',
  }),
];

let models: ReadModels;
let book: StoredBook;
beforeAll(async () => {
  models = await ReadModels.start();
  await prepareDatabase(models.ownerUrl, MASTER_KEY, [...PROJECTION_MIGRATIONS, ...WEBHOOKS_MIGRATIONS]);
  models.run();
  book = await models.tenant(1, ...HISTORY);
  await models.projected(book);
  await models.until(async () => (await models.revision(book.tenantId, 'cold')) === book.events.length - 1);
});
afterAll(() => models.close());

/** Nothing keeps who owns the database from changing it. */
const change = async (sql: string): Promise<void> => {
  const { rowCount } = await models.projector.query(sql);
  expect(rowCount).toBeGreaterThan(0);
};

const findings = (names: readonly string[]) => {
  const { store, reading, connection } = models.options();
  const owner: pg.ClientConfig = { connectionString: models.ownerUrl };
  return compareReadModels(names, { store, reading, groups: GROUPS, owner, projector: connection });
};

const ROWS: [what: string, projection: string, table: string, sql: string, says: RegExp][] = [
  [
    'a balance',
    'accounts',
    'account_balances',
    `UPDATE account_balances SET balance = balance + 1 WHERE balance > 40000 AND NOT debit_normal`,
    /balance is 49396, by the stream 49395/,
  ],
  [
    'what is held',
    'accounts',
    'account_balances',
    `UPDATE account_balances SET held = 0 WHERE held > 0`,
    /held is 0, by the stream 200/,
  ],
  [
    'an account that is closed',
    'accounts',
    'accounts',
    `UPDATE accounts SET closed = true WHERE account_code = 'bob'`,
    /closed is true/,
  ],
  ['a deleted account', 'accounts', 'accounts', `DELETE FROM accounts WHERE account_code = 'bob'`, /is missing/],
  [
    'the amount of an entry',
    'entries',
    'entries',
    `UPDATE entries SET amount = 701 WHERE amount = 700 AND debit`,
    /amount is 701, by the stream 700/,
  ],
  ['a deleted entry', 'entries', 'entries', `DELETE FROM entries WHERE amount = 700 AND debit`, /is missing/],
  [
    'an entry too many',
    'entries',
    'entries',
    `INSERT INTO entries SELECT tenant_id, account_id, revision, 9, transaction_id, amount, balance_after, effective_at, currency, debit, backdated FROM entries WHERE amount = 700 AND debit`,
    /should not be there/,
  ],
  ['a shift of back-dated entries', 'entries', 'entry_shifts', `UPDATE entry_shifts SET shift = shift + 1`, /shift/],
  [
    'what a transaction says',
    'transactions',
    'transactions',
    `UPDATE transactions SET resource = replace(resource, '"amount":700', '"amount":70') WHERE amount = 700`,
    /resource/,
  ],
  [
    'a reference',
    'transactions',
    'transactions',
    `UPDATE transactions SET reference = 'mine' WHERE amount = 700`,
    /reference is mine/,
  ],
  ['a reservation', 'reservations', 'reservations', `DELETE FROM reservations`, /is missing/],
  ['a card', 'cards', 'cards', `UPDATE cards SET status = 'suspended'`, /status is suspended/],
  ['a customer’s tier', 'customers', 'customers', `UPDATE customers SET kyc_tier = 'tier3'`, /kyc_tier is tier3/],
  ['what was held at a revision', 'holds', 'held_amounts', `DELETE FROM held_amounts`, /is missing/],
  ['an event that is not listed', 'events', 'events', `DELETE FROM events WHERE sequence = 4`, /is missing/],
  [
    'where an aggregate is found',
    'cold-index',
    'cold_index',
    `UPDATE cold_index SET revision = 1 WHERE revision = 5`,
    /revision is 1/,
  ],
  ['when a hold is due', 'due-holds', 'due_holds', `DELETE FROM due_holds`, /is missing/],
];

describe('a database that nobody changed', () => {
  it('is what its streams say', async () => {
    expect(await findings(PROJECTIONS.map(({ name }) => name))).toEqual([]);
    expect(await verifyStream(models.store, book.tenantId)).toBeNull();
  });
});

describe('whoever changes a read model is found out', () => {
  it.each(ROWS)('%s', async (_what, projection, table, sql, says) => {
    await change(sql);
    const found = await findings([projection]);
    expect(found[0]).toMatchObject({ tenant_id: book.tenantId, table });
    expect(found.map(({ message }) => message).join('\n')).toMatch(says);
    const { store, reading, connection } = models.options();
    const { rebuild } = await import('#projecting/rebuild.js');
    await rebuild(projection, {
      store,
      reading,
      groups: GROUPS,
      owner: { connectionString: models.ownerUrl },
      projector: connection,
    });
  });
});

/** As what owns the database does it, whom no right and no policy keeps from anything. */
const asOwner = async (sql: string): Promise<void> => {
  const owner = new pg.Client({ connectionString: models.ownerUrl, options: '-c search_path=daybook' });
  await owner.connect();
  try {
    await owner.query(sql);
  } finally {
    await owner.end();
  }
};

const ONCE = 'CREATE UNIQUE INDEX deliveries_once ON deliveries (tenant_id, endpoint_id, event_id, cause)';
/** Statements that copy the live delivery of sequence 1 with a changed row: `dlv_2` instead of `dlv_1`. */
const copied = (change: object): string =>
  `INSERT INTO deliveries SELECT r.* FROM deliveries d,
     jsonb_populate_record(d, '${JSON.stringify({ delivery_id: 'dlv_2', ...change })}') r WHERE d.delivery_id = 'dlv_1'`;
const attempted = (change: object): string =>
  `INSERT INTO delivery_attempts SELECT r.* FROM delivery_attempts a,
     jsonb_populate_record(a, '${JSON.stringify(change)}') r WHERE a.delivery_id = 'dlv_1'`;

describe('whoever puts a delivery in by hand', () => {
  beforeEach(() =>
    asOwner(`INSERT INTO deliveries (tenant_id, delivery_id, endpoint_id, cause, event_id, event_type, sequence, revision,
        ordering_key, status, attempts, next_attempt_at)
      SELECT tenant_id, CASE sequence WHEN 1 THEN 'dlv_1' ELSE 'dlv_r' END, 'whk_1', CASE sequence WHEN 1 THEN 'live' ELSE 'rpl_1' END,
        event_id, type, sequence, revision, 'acc_1', 'succeeded', CASE sequence WHEN 1 THEN 1 ELSE 0 END, now()
      FROM events WHERE sequence IN (1, 2);
    INSERT INTO webhook_replays (tenant_id, replay_id, endpoint_id, since, until, rate, total, queued, begins_at)
      SELECT tenant_id, 'rpl_1', 'whk_1', now(), now(), 1, 1, 1, now() FROM deliveries WHERE delivery_id = 'dlv_1';
    INSERT INTO delivery_attempts (tenant_id, delivery_id, attempt, endpoint_id, at, outcome, url, request_headers, body,
        answer_headers, excerpt, answer_bytes, is_cut, timings, duration_ms)
      SELECT tenant_id, 'dlv_1', 1, 'whk_1', now(), 'delivered', '', '{}', '', '{}', '', 0, false, '{}', 1
      FROM deliveries WHERE delivery_id = 'dlv_1'`),
  );
  afterEach(() => asOwner('TRUNCATE deliveries, delivery_attempts, webhook_replays'));
  const found = () => checkDeliveries({ connectionString: models.urls.projector });

  it('is told nothing of what the workers put in', async () => expect(await found()).toEqual([]));

  it.each([
    ['a second delivery of the same event to the same endpoint for the same cause', copied({}), 'deliveries_once'],
    ['an attempt of the same number', attempted({}), 'delivery_attempts_pkey'],
  ])('is refused %s, the owner too', async (_what, sql, constraint) => {
    await expect(asOwner(sql)).rejects.toMatchObject({ code: '23505', constraint });
    expect(await found()).toEqual([]);
  });

  it.each([
    [
      'who takes the index away first',
      `DROP INDEX deliveries_once; ${copied({})}`,
      /delivered 2 times .* live: dlv_1, dlv_2/,
    ],
    ['under a cause of his own', copied({ cause: 'rpl_9', attempts: 0 }), /dlv_2 is for rpl_9, which is no replay/],
    ['under the name of a replay', copied({ cause: 'rpl_1', attempts: 0 }), /rpl_1 queued 1 events, there are 2/],
    ['of an event that never was', copied({ event_id: 'evt_9', attempts: 0 }), /dlv_2 is of evt_9, which is not/],
    [
      'of another event’s place',
      copied({ endpoint_id: 'whk_2', sequence: 7, attempts: 0 }),
      /not the event of sequence 7/,
    ],
    ['as an attempt more', attempted({ attempt: 2 }), /dlv_1 was attempted 1 times, .* numbers 1, 2/],
    ['by taking an attempt away', 'DELETE FROM delivery_attempts', /dlv_1 was attempted 1 times, .* numbers none/],
    ['by numbering an attempt anew', 'UPDATE delivery_attempts SET attempt = 5', /dlv_1 was attempted 1 times, .* 5/],
  ])('is found out: %s', async (_what, sql, says) => {
    try {
      await asOwner(sql);
      const findings = await found();
      expect(findings.map(({ message }) => message).join('\n')).toMatch(says);
      expect(new Set(findings.map(({ tenant_id }) => tenant_id))).toEqual(new Set([book.tenantId]));
    } finally {
      await asOwner(`TRUNCATE deliveries, delivery_attempts; ${ONCE.replace('INDEX', 'INDEX IF NOT EXISTS')}`);
    }
  });

  // No stream says which deliveries there must be: what fits everything that is kept can't be told from the workers' own.
  it('is not found out where it is consistent: to an endpoint that had none of it', async () => {
    await asOwner(copied({ endpoint_id: 'whk_2', attempts: 0 }));
    expect(await found()).toEqual([]);
  });
});

/** The store as it is read once somebody has changed what is in it. */
const changed = (edit: (events: RecordedEvent[]) => RecordedEvent[]): EventStore => {
  const { store } = models;
  const read: EventStore['read'] = async function* (stream, from) {
    const events: RecordedEvent[] = [];
    for await (const page of store.read(stream, 0)) events.push(...page);
    const left = edit(events).filter((_, i) => i >= from);
    if (left.length > 0) yield left;
  };
  return { read, head: (stream: string) => store.head(stream) } as unknown as EventStore;
};

const replaced = (event: RecordedEvent, from: string, to: string): RecordedEvent => ({
  ...event,
  payload: Buffer.from(Buffer.from(event.payload).toString().replace(from, to)),
});

describe('whoever changes the stream is found out', () => {
  it.each<[string, (events: RecordedEvent[]) => RecordedEvent[], RegExp]>([
    [
      'an amount',
      (all) => all.map((one, i) => (i === 5 ? replaced(one, '"amount":50000', '"amount":50001') : one)),
      /revision 5: its hash/,
    ],
    [
      'a hash',
      (all) => all.map((one, i) => (i === 4 ? { ...one, hash: new Uint8Array(32) } : one)),
      /revision 4: its hash/,
    ],
    ['an event that is gone', (all) => all.filter((_, i) => i !== 6), /revision 6: the file goes on with revision 7/],
    [
      'two events swapped',
      (all) => [...all.slice(0, 3), all[4]!, all[3]!, ...all.slice(5)],
      /revision 3: the file goes on/,
    ],
    [
      'a head that is another',
      (all) => all.map((one, i) => (i === all.length - 1 ? replaced(one, '"amount":5', '"amount":6') : one)),
      /its hash/,
    ],
  ])('%s', async (_what, edit, says) => {
    const wrong = await verifyStream(changed(edit), book.tenantId);
    expect(wrong?.message).toMatch(says);
    expect(ledgerStream(book.tenantId)).toMatch(book.tenantId);
  });
});

describe('a book that was kept is compared with the stream', () => {
  const folder = mkdtempSync(join(tmpdir(), 'daybook-kept-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** What comparing a book of these envelopes says. */
  const compared = async (stored: readonly string[], store: Pick<EventStore, 'read'>): Promise<string | null> => {
    const file = join(folder, 'book.ndjson');
    writeFileSync(file, `${exportedBook(stored).join('\n')}\n`);
    const wrong = await differenceFromBook(store, file, await verifyFile(file));
    return wrong?.message ?? null;
  };

  it('of now, and of before', async () => {
    expect(await compared(book.stored, models.store)).toBeNull();
    expect(await compared(book.stored.slice(0, 6), models.store)).toBeNull();
  });

  it.each<[string, (events: RecordedEvent[]) => RecordedEvent[], RegExp]>([
    ['an event that is gone', (all) => all.filter((_, i) => i !== 6), /^revision 6: the database does not have it/],
    [
      'an end that is gone',
      (all) => all.slice(0, 6),
      /^revision 6: the database ends with revision 5, the book goes up to/,
    ],
    ['a tenant that is gone', () => [], /^revision 0: the database has no stream of tnt_/],
    [
      'a hash',
      (all) => all.map((one, i) => (i === 4 ? { ...one, hash: new Uint8Array(32) } : one)),
      /^revision 4: in the database hash is "0+", in the book "[0-9a-f]{64}"$/,
    ],
    [
      'what is no event',
      (all) => all.map((one, i) => (i === 4 ? { ...one, text: 'x}' } : one)),
      /^revision 4: what the database has is no event/,
    ],
  ])('%s', async (_what, edit, says) => expect(await compared(book.stored, changed(edit))).toMatch(says));

  it('a stream that was written anew from some event on, every hash right', async () => {
    const anew = new StoredBook(new MemoryEventStore(), book.tenantId);
    anew.at += DAY;
    const more = HISTORY.map((step) => (step === DEPOSITED ? deposit('ada', 50_001) : step));
    await anew.tell(tenant({ tenant_id: book.tenantId }), ...more);
    expect(await compared(anew.stored, models.store)).toMatch(
      /^revision 5: in the database data\.entries\.0\.amount is 50000, in the book 50001; data\.entries\.0\.balance_after is/,
    );
  });
});

import pg from 'pg';
import { prepareDatabase } from '#platform/database/prepare-database.js';
import type { DatabaseUrls } from '#platform/database/roles.js';
import { startPostgres, type TestPostgres } from '../../../test/support/postgres.js';
import { ACCESS_MIGRATIONS } from '../migrations.js';
import { PLATFORM, type AuditEntry, type NotedCall } from './audit-entry.js';
import { AuditLog, type AuditLogOptions } from './audit-log.js';
import { verifyTenantChain, type ChainReport } from './verify-chain.js';

let server: TestPostgres;
let owner: pg.Client;
let urls: DatabaseUrls;
let pool: pg.Pool;
beforeAll(async () => {
  server = await startPostgres();
  const url = await server.createDatabase('audit');
  urls = await prepareDatabase(url, Buffer.alloc(32, 7), ACCESS_MIGRATIONS);
  pool = new pg.Pool({ connectionString: urls.app, max: 4 });
  pool.on('error', () => undefined);
  owner = new pg.Client({ connectionString: url });
  await owner.connect();
});
afterAll(async () => {
  await owner.end();
  await pool.end();
  await server.stop();
});

let tenants = 0;
const newTenant = (): string => `tnt_${(tenants += 1)}`;

const call = (tenantId: string, more: Partial<NotedCall> = {}): NotedCall => ({
  tenantId,
  isProven: true,
  at: Date.now(),
  actor: 'key_1',
  operation: 'postTransaction',
  requestId: 'req_1',
  apiVersion: '2026-05-19',
  ip: '203.0.113.9',
  status: 403,
  code: 'missing_scope',
  resourceId: null,
  reason: null,
  ...more,
});

const told: { error: unknown; lost: number }[] = [];
const log = (options: Partial<AuditLogOptions> = {}, over: Pick<pg.Pool, 'connect'> = pool): AuditLog =>
  new AuditLog(over, {
    seal: (_tenantId, texts) => Promise.resolve(texts.map(({ text, subject }) => `s1.${subject}.${text.length}`)),
    exists: () => Promise.resolve(false),
    onTrouble: (error, lost) => void told.push({ error, lost }),
    gatherMs: 60_000,
    ...options,
  });

/** As a tenant sees its rows. */
const asTenant = async <T>(tenantId: string, work: (client: pg.PoolClient) => Promise<T>): Promise<T> => {
  const client = await pool.connect();
  try {
    await client.query(`BEGIN; SET LOCAL daybook.tenant = ${pg.escapeLiteral(tenantId)}`);
    return await work(client);
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
};

const entriesOf = async (tenantId: string): Promise<AuditEntry[]> => {
  const { rows } = await asTenant(tenantId, (client) =>
    client.query<{ entry: string }>('SELECT entry FROM daybook.audit_log ORDER BY sequence'),
  );
  return rows.map(({ entry }) => JSON.parse(entry) as AuditEntry);
};

const verified = (tenantId: string): Promise<ChainReport> =>
  asTenant(tenantId, (client) => verifyTenantChain(client, tenantId));

describe('what was noted', () => {
  it('is written as links of its tenant’s chain, sealed where it is personal', async () => {
    const [one, other] = [newTenant(), newTenant()];
    const audit = log();
    audit.note(call(one, { reason: 'a customer asked', ip: '203.0.113.9' }));
    audit.note(call(other, { actor: 'usr_1', ip: '2001:db8::1' }));
    audit.note(call(one, { status: 200, code: null, actor: 'ops', operation: 'getTenantById' }));
    await audit.flush();
    audit.note(call(one));
    await audit.flush();
    expect(await entriesOf(one)).toMatchObject([
      { sequence: 1, outcome: 'refused', code: 'missing_scope', ip: `s1.${one}.11`, reason: `s1.${one}.16` },
      { sequence: 2, outcome: 'allowed', actor: 'ops', code: null },
      { sequence: 3, outcome: 'refused' },
    ]);
    expect(await entriesOf(other)).toMatchObject([{ sequence: 1, ip: 's1.usr_1.11' }]);
    expect(await verified(one)).toMatchObject({ isWhole: true, entries: 3 });
  });

  it('is written though it can’t be spelt: nothing that a caller names stops the log', async () => {
    const one = newTenant();
    const audit = log();
    audit.note(call(one, { resourceId: 'a\0b', reason: null }));
    audit.note(call(one, { resourceId: '\ud83d' }));
    audit.note(call(one));
    await audit.flush();
    expect((await entriesOf(one)).map(({ resource_id }) => resource_id)).toEqual(['a\ufffdb', '\ufffd', null]);
  });

  it('is one chain, whichever instances write it at once', async () => {
    const tenantId = newTenant();
    const instances = Array.from({ length: 4 }, () => log());
    for (let i = 0; i < 10; i += 1) {
      for (const one of instances) one.note(call(tenantId));
      await Promise.all(instances.map((one) => one.flush()));
    }
    expect(await verified(tenantId)).toMatchObject({ isWhole: true, entries: 40 });
  });

  it('is one entry with a count where a caller who is refused anyway repeats it', async () => {
    const tenantId = newTenant();
    const audit = log();
    for (let i = 0; i < 1_000; i += 1) audit.note(call(tenantId, { status: 429, code: 'key_limit' }));
    audit.note(call(tenantId, { status: 429, code: 'key_limit', ip: '203.0.113.10' }));
    audit.note(call(tenantId, { status: 403 }));
    audit.note(call(tenantId, { status: 403 }));
    await audit.flush();
    expect((await entriesOf(tenantId)).map(({ count }) => count)).toEqual([1_000, 1, 1, 1]);
  });

  it('is written by itself, gathered', async () => {
    const tenantId = newTenant();
    log({ gatherMs: 5 }).note(call(tenantId));
    const deadline = Date.now() + 20_000;
    while ((await entriesOf(tenantId)).length === 0 && Date.now() < deadline)
      await new Promise((next) => setTimeout(next, 5));
    expect(await entriesOf(tenantId)).toHaveLength(1);
  });

  it('of a tenant that only a path names is left out where there is none, and written once there is one', async () => {
    const [known, unknown] = [newTenant(), newTenant()];
    let exists = false;
    const audit = log({ exists: (tenantId) => Promise.resolve(exists && tenantId === known) });
    audit.note(call(known, { isProven: false }));
    audit.note(call(unknown, { isProven: false, at: Date.now() - 60_000 }));
    audit.note(call(PLATFORM, { isProven: false }));
    await audit.flush();
    expect([await entriesOf(known), await entriesOf(unknown)]).toEqual([[], []]);
    expect(await entriesOf(PLATFORM)).toHaveLength(1);
    exists = true;
    await audit.flush();
    expect(await entriesOf(known)).toHaveLength(1);
  });

  it('is written once, though nobody heard that it was', async () => {
    const tenantId = newTenant();
    let broken = true;
    // The answer to COMMIT is lost.
    const deaf = {
      connect: async () => {
        const client = await pool.connect();
        return new Proxy(client, {
          get: (target, name) =>
            name === 'query'
              ? async (text: string, values?: unknown[]) => {
                  const result = await target.query(text, values);
                  if (text === 'COMMIT' && broken) throw new Error('Connection terminated unexpectedly');
                  return result;
                }
              : (Reflect.get(target, name) as unknown),
        });
      },
    } as unknown as Pick<pg.Pool, 'connect'>;
    const audit = log({}, deaf);
    audit.note(call(tenantId));
    audit.note(call(tenantId));
    await audit.flush();
    expect(told.at(-1)).toMatchObject({ lost: 0, error: expect.any(Error) as Error });
    broken = false;
    await audit.close();
    expect(await entriesOf(tenantId)).toHaveLength(2);
    expect(await verified(tenantId)).toMatchObject({ isWhole: true });
  });
});

describe('a chain', () => {
  const written = async (entries = 5): Promise<string> => {
    const tenantId = newTenant();
    const audit = log();
    for (let i = 0; i < entries; i += 1) audit.note(call(tenantId, { requestId: `req_${i}` }));
    await audit.flush();
    return tenantId;
  };
  /** As somebody who owns the server may. */
  const tampered = async (sql: string): Promise<void> => {
    await owner.query('ALTER TABLE daybook.audit_log DISABLE TRIGGER append_only');
    await owner.query(sql);
    await owner.query('ALTER TABLE daybook.audit_log ENABLE TRIGGER append_only');
  };

  it.each([
    [
      'whose entry was changed',
      `UPDATE daybook.audit_log SET entry = replace(entry, 'missing_scope', 'harmless') WHERE`,
      3,
    ],
    ['whose column was changed', `UPDATE daybook.audit_log SET actor = 'key_2' WHERE`, 3],
    ['whose entry was removed', `DELETE FROM daybook.audit_log WHERE`, 3],
  ])('%s is told from a whole one', async (_what, sql, sequence) => {
    const tenantId = await written();
    expect(await verified(tenantId)).toMatchObject({ isWhole: true, entries: 5 });
    await tampered(`${sql} tenant_id = '${tenantId}' AND sequence = ${sequence}`);
    expect(await verified(tenantId)).toMatchObject({ isWhole: false, sequence });
  });

  it('that lost its end is told by its head', async () => {
    const tenantId = await written();
    await tampered(`DELETE FROM daybook.audit_log WHERE tenant_id = '${tenantId}' AND sequence > 3`);
    expect(await verified(tenantId)).toMatchObject({ isWhole: false, sequence: 4 });
  });

  it('of another tenant is not taken for its own', async () => {
    const [one, other] = [await written(2), await written(2)];
    await tampered(`DELETE FROM daybook.audit_log WHERE tenant_id = '${one}'`);
    await tampered(`UPDATE daybook.audit_log SET tenant_id = '${one}' WHERE tenant_id = '${other}'`);
    expect(await verified(one)).toMatchObject({ isWhole: false, sequence: 1 });
  });

  it('is not changed by the application, nor by whoever owns the table by mistake, nor seen by the projector', async () => {
    const tenantId = await written(1);
    for (const sql of ['UPDATE daybook.audit_log SET actor = actor', 'DELETE FROM daybook.audit_log'])
      await expect(asTenant(tenantId, (client) => client.query(sql))).rejects.toMatchObject({ code: '42501' });
    await expect(owner.query(`DELETE FROM daybook.audit_log WHERE tenant_id = '${tenantId}'`)).rejects.toThrow(
      'only ever added',
    );
    const projector = new pg.Client({ connectionString: urls.projector });
    await projector.connect();
    await expect(projector.query('SELECT FROM daybook.audit_log')).rejects.toMatchObject({ code: '42501' });
    await projector.end();
  });

  it('is added to by its tenant alone', async () => {
    const [one, other] = [await written(1), await written(1)];
    await expect(
      asTenant(one, (client) =>
        client.query(
          `INSERT INTO daybook.audit_log (tenant_id, audit_id, sequence, entry, hash, actor, outcome, status, count)
            VALUES ('${other}', 'aud_x', 2, '{}', decode(repeat('00', 32), 'hex'), 'key_1', 'allowed', 200, 1)`,
        ),
      ),
    ).rejects.toMatchObject({ code: '42501' });
    expect(await asTenant(one, (client) => client.query('SELECT FROM daybook.audit_log'))).toMatchObject({
      rowCount: 1,
    });
  });
});

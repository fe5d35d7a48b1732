import { pino } from 'pino';
import type { Engine } from '#engine/ports.js';
import type { Mail } from '#platform/mail/mail.js';
import type { Reads } from '../reads.js';
import { DeadEndpoints } from './dead-endpoints.js';

it('a tenant whose writer takes no commands keeps nobody else’s dead endpoints in use', async () => {
  const ending = new AbortController();
  const asked: string[] = [];
  const engine = {
    execute: ({ tenantId }: { tenantId: string }) => {
      asked.push(tenantId);
      if (tenantId === 'tnt_parked') return Promise.reject(new Error('tenant_parked'));
      ending.abort();
      return Promise.resolve({ kind: 'unchanged' });
    },
  } as unknown as Engine;
  const rows = ['tnt_parked', 'tnt_other'].map((tenant_id) => ({ tenant_id, endpoint_id: `whk_of_${tenant_id}` }));
  const pool = { query: () => Promise.resolve({ rows }) } as unknown as ConstructorParameters<typeof DeadEndpoints>[0];
  const late = setTimeout(() => ending.abort(), 20_000);
  await new DeadEndpoints(pool, engine, {} as Reads, {} as Mail, pino({ level: 'silent' })).run(ending.signal);
  clearTimeout(late);
  expect(asked).toEqual(['tnt_parked', 'tnt_other']);
});

import { pino } from 'pino';
import { alarmsTo } from './alarms.js';

const heard = (): { lines: () => unknown[]; tell: ReturnType<typeof alarmsTo>; pass: (ms: number) => void } => {
  const written: string[] = [];
  let now = 0;
  const logger = pino({}, { write: (line: string) => void written.push(line) });
  return {
    lines: () => written.map((line) => JSON.parse(line) as unknown),
    tell: alarmsTo(logger, () => now),
    pass: (ms) => (now += ms),
  };
};

describe('alarms in the log', () => {
  it('say what happened to whom and why, down to the first cause', () => {
    const { lines, tell } = heard();
    const disk = new Error('No space left on device');
    tell({ kind: 'trouble', tenantId: 'tnt_a', cause: new Error('the append failed', { cause: disk }) });
    tell({ kind: 'tenant_parked', tenantId: 'tnt_b', cause: 'the hash chain is broken' });
    expect(lines()).toMatchObject([
      {
        kind: 'trouble',
        tenant_id: 'tnt_a',
        msg: "a tenant's commands can't be written now: the append failed",
        err: { stack: expect.stringContaining('No space left on device') as unknown },
      },
      { kind: 'tenant_parked', msg: 'a tenant is parked: it can be read, not written: the hash chain is broken' },
    ]);
  });

  it('are one line for all tenants while the store is down, and again a while later', () => {
    const { lines, tell, pass } = heard();
    const down = (tenantId: string): void => tell({ kind: 'trouble', tenantId, cause: new Error('connect refused') });
    for (const tenantId of ['tnt_a', 'tnt_b', 'tnt_c']) down(tenantId);
    expect(lines()).toHaveLength(1);
    pass(5_000);
    down('tnt_b');
    expect(lines()).toHaveLength(2);
    tell({ kind: 'trouble', tenantId: 'tnt_b', cause: new Error('permission denied') });
    expect(lines()).toHaveLength(3);
  });
});

import type { AddressInfo } from 'node:net';
import { listen } from '#platform/listening.js';
import type { RunnerStatus } from '#projecting/runner-gauge.js';
import { healthServer } from './health-server.js';
import { projectorTrouble } from './projector-health.js';

const LEADING: RunnerStatus = {
  state: 'leading',
  lagMs: 250,
  caughtUp: false,
  parked: 2,
  events: 40,
  batches: 7,
  gapsHealed: 0,
  lastBatchEvents: 9,
  lastBatchMs: 12,
  eventsPerSecond: 3.5,
};

describe('a projector’s health', () => {
  it.each([
    [{}, null],
    [{ state: 'standby' }, null],
    [{ lagMs: 5_000 }, null],
    [{ lagMs: 61_000 }, 'is 61 s behind'],
    [{ state: 'starting' }, 'is starting'],
    [{ state: 'failing' }, 'is failing'],
    [{ state: 'stopped' }, 'is stopped'],
    // What one tenant has is told elsewhere, as a warning.
    [{ parked: 9 }, null],
  ] as const)('%j: %s', (change, trouble) => {
    expect(projectorTrouble({ ...LEADING, ...change })).toBe(trouble);
  });

  it('is told on its own port, with its gauges', async () => {
    let status = LEADING;
    const server = healthServer({ status: () => status });
    await listen(server, '127.0.0.1', 0);
    const ask = (path: string): Promise<Response> =>
      fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
    expect([(await ask('/healthz')).status, (await ask('/readyz')).status]).toEqual([200, 200]);
    status = { ...LEADING, lagMs: 7_500 };
    expect([(await ask('/healthz')).status, (await ask('/readyz')).status]).toEqual([200, 503]);
    status = { ...status, state: 'failing' };
    expect((await ask('/healthz')).status).toBe(503);
    const metrics = await (await ask('/metrics')).text();
    expect(metrics).toMatch(/^daybook_projector_lag_seconds 7\.5$/m);
    expect(metrics).toMatch(/^daybook_projector_events_per_second 3\.5$/m);
    expect(metrics).toMatch(/^daybook_projector_parked_tenants 2$/m);
    expect(metrics).toMatch(/^daybook_projector_batches 7$/m);
    expect(metrics).toMatch(/^daybook_projector_state\{state="failing"\} 1$/m);
    expect(metrics).toMatch(/^daybook_projector_state\{state="leading"\} 0$/m);
    server.closeAllConnections();
    server.close();
  });
});

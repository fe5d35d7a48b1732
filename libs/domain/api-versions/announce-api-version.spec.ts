import type { Command } from '../commands.js';
import { DAY, elapse, given, tenant, type Row } from '../spec-support.js';

const told = (api_version: string): Command => ({
  type: 'AnnounceApiVersion',
  data: { api_version, supersedes: '2026-02-01', changes: ['card-blocked-categories'] },
});

const ROWS: readonly Row[] = [
  ['without a tenant', [], told('2026-05-19'), 'refused: tenant_not_found'],
  ['for the first time', [tenant()], told('2026-05-19'), 'ApiVersionReleased'],
  ['while suspended', [tenant({ status: 'suspended' })], told('2026-05-19'), 'ApiVersionReleased'],
  ['again', [tenant(), told('2026-05-19')], told('2026-05-19'), 'unchanged'],
  ['again, long after', [tenant(), told('2026-05-19'), elapse(90 * DAY)], told('2026-05-19'), 'unchanged'],
  ['the next one', [tenant(), told('2026-05-19')], told('2026-08-18'), 'ApiVersionReleased'],
  ['the one before, told late', [tenant(), told('2026-08-18')], told('2026-05-19'), 'ApiVersionReleased'],
];

describe('AnnounceApiVersion', () => {
  it.each(ROWS)('%s', (_telling, history, command, expected) => {
    expect(given(...history).when(command).outcome).toBe(expected);
  });
});

import type { Command } from '../commands.js';
import { DAY, elapse, given, SECOND, tenant, type Row } from '../spec-support.js';
import type { TenantStatus } from './tenants.js';

const to = (status: TenantStatus, is_active?: boolean): Command => ({
  type: 'ChangeTenantStatus',
  data: { status, ...(is_active === undefined ? {} : { is_active }), reason: 'asked for' },
});
const [active, suspended, inactive] = (['active', 'suspended', 'inactive'] as const).map((status) =>
  tenant({ status }),
);
const born = [inactive as Command];

const ROWS: readonly Row[] = [
  ['without a tenant', [], to('active'), 'refused: tenant_not_found'],
  [
    'suspended and active at once',
    [active as Command],
    to('suspended', true),
    'refused: contradictory_status (is_active)',
  ],
  [
    'contradiction goes before standing still',
    [active as Command],
    to('active', false),
    'refused: contradictory_status (is_active)',
  ],
  ['active stays active', [active as Command], to('active', true), 'unchanged'],
  ['suspended stays suspended', [suspended as Command], to('suspended'), 'unchanged'],
  ['inactive stays inactive', born, to('inactive'), 'unchanged'],
  ['active to suspended', [active as Command], to('suspended', false), 'TenantSuspended'],
  ['active to inactive', [active as Command], to('inactive'), 'TenantDeactivated'],
  ['suspended to active', [suspended as Command], to('active'), 'TenantReactivated'],
  ['suspended to inactive', [suspended as Command], to('inactive'), 'TenantDeactivated'],
  ['inactive to suspended', born, to('suspended'), 'refused: invalid_status_transition (status)'],
  ['inactive to active on the last day', [...born, elapse(90 * DAY - SECOND)], to('active'), 'TenantReactivated'],
  ['inactive to active too late', [...born, elapse(90 * DAY)], to('active'), 'refused: retention_expired (status)'],
];

describe('ChangeTenantStatus', () => {
  it.each(ROWS)('%s', (_telling, history, command, outcome) => {
    expect(given(...history).when(command).outcome).toBe(outcome);
  });

  it('retains an inactive tenant for 90 days, and an active one without end', () => {
    const { book, when } = given(tenant());
    when(to('inactive'));
    expect(book.state.tenant.value?.retentionEndsAt).toBe('2026-04-05T09:00:02.000Z');
    const [event] = when(to('active')).events;
    expect(event?.data).toMatchObject({
      tenant: { status: 'active', retention_ends_at: null },
      previous: { status: 'inactive' },
      reason: `s1.${tenant().data.tenant_id}.asked for`,
    });
  });
});

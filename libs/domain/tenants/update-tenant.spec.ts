import type { Command } from '../commands.js';
import { account, given, tenant, type Row } from '../spec-support.js';
import type { UpdateTenant } from './update-tenant.js';

const update = (data: UpdateTenant['data']): Command => ({ type: 'UpdateTenant', data });
const closing: Command = {
  type: 'CloseAccount',
  data: { account_id: '@ada', reason: 'left', source: 'customer', confirmation: 'CLOSE_ACCOUNT' },
};
const fifty = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`key${i}`, 'x']));

const ROWS: readonly Row[] = [
  ['without a tenant', [], update({}), 'refused: tenant_not_found'],
  [
    'while suspended',
    [tenant({ status: 'suspended' })],
    update({ timezone: 'Africa/Lagos' }),
    'refused: tenant_suspended',
  ],
  [
    'an unknown currency',
    [tenant()],
    update({ default_currency: 'ZZZ' }),
    'refused: invalid_currency (default_currency)',
  ],
  [
    'too much metadata together',
    [tenant({ metadata: fifty })],
    update({ metadata: { more: 'x' } }),
    'refused: invalid_parameter (metadata)',
  ],
  [
    'one key for another',
    [tenant({ metadata: fifty })],
    update({ metadata: { more: 'x', key0: null } }),
    'TenantUpdated',
  ],
  [
    'a currency in use',
    [tenant(), account('ada')],
    update({ default_currency: 'EUR' }),
    'refused: currency_in_use (default_currency)',
  ],
  [
    'accounts of another currency',
    [tenant(), account('ada', 'customer', 'USD')],
    update({ default_currency: 'EUR' }),
    'TenantUpdated',
  ],
  ['closed accounts only', [tenant(), account('ada'), closing], update({ default_currency: 'EUR' }), 'TenantUpdated'],
  ['nothing named', [tenant()], update({}), 'unchanged'],
  [
    'the same again',
    [tenant()],
    update({ timezone: 'UTC', partner: { tier: 'paid' }, metadata: { none: null } }),
    'unchanged',
  ],
];

describe('UpdateTenant', () => {
  it.each(ROWS)('%s', (_telling, history, command, outcome) => {
    expect(given(...history).when(command).outcome).toBe(outcome);
  });

  it('says what was before, of what it changes alone', () => {
    const { book, when } = given(tenant({ metadata: { industry: 'fintech' } }));
    const [event] = when(update({ partner: { tier: 'enterprise' }, metadata: { region: 'west' } })).events;
    const { tenant_id, partner_id } = tenant().data;
    expect(event?.data).toEqual({
      tenant: expect.objectContaining({
        name: `s1.${tenant_id}.Acme Payments`,
        partner: expect.objectContaining({ tier: 'enterprise', email: `s1.${partner_id}.jo@acme.example` }) as unknown,
        metadata: [
          ['industry', `s1.${tenant_id}.fintech`],
          ['region', `s1.${tenant_id}.west`],
        ],
      }) as unknown,
      previous: {
        partner: expect.objectContaining({ tier: 'paid' }) as unknown,
        metadata: [['industry', `s1.${tenant_id}.fintech`]],
      },
    });
    expect(book.state.tenant.value?.tier).toBe('enterprise');
  });

  it('pins a version and takes the pin away', () => {
    const { when } = given(tenant());
    expect(when(update({ pinned_api_version: '2026-02-01' })).events[0]?.data).toMatchObject({
      tenant: { pinned_api_version: '2026-02-01' },
      previous: { pinned_api_version: null },
    });
    expect(when(update({ pinned_api_version: null })).outcome).toBe('TenantUpdated');
  });
});

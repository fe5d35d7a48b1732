import { given, tenant, type Row } from '../spec-support.js';

const ROWS: readonly Row[] = [
  ['a tenant is made once', [tenant()], tenant(), 'refused: invalid_state'],
  [
    'its currency is in the table',
    [],
    tenant({ default_currency: 'XXX' }),
    'refused: invalid_currency (default_currency)',
  ],
  [
    'active and not active at once',
    [],
    tenant({ status: 'active', is_active: false }),
    'refused: contradictory_status (is_active)',
  ],
  [
    'suspended and active at once',
    [],
    tenant({ status: 'suspended', is_active: true }),
    'refused: contradictory_status (is_active)',
  ],
  ['the first event of a stream', [], tenant({ status: 'active', is_active: true }), 'TenantCreated'],
];

describe('CreateTenant', () => {
  it.each(ROWS)('%s', (_telling, history, command, outcome) => {
    expect(given(...history).when(command).outcome).toBe(outcome);
  });

  it('is active unless it is said otherwise, without a pin, on the version of its day', () => {
    const [event] = given().when(tenant()).events;
    expect(event).toMatchObject({
      revision: 0,
      data: {
        tenant: {
          status: 'active',
          created_api_version: '2026-05-19',
          pinned_api_version: null,
          retention_ends_at: null,
        },
      },
    });
  });

  it('is not active where only that was said', () => {
    const { book, when } = given();
    when(tenant({ is_active: false }));
    expect(book.state.tenant.value).toMatchObject({ status: 'inactive', retentionEndsAt: '2026-04-05T09:00:01.000Z' });
  });

  it("seals the partner's name under the partner and the tenant's under the tenant", () => {
    const [event] = given().when(tenant({ metadata: { z: '1', a: '2' } })).events;
    const { tenant_id, partner_id } = tenant().data;
    expect(event?.data).toMatchObject({
      tenant: {
        name: `s1.${tenant_id}.Acme Payments`,
        partner: { name: `s1.${partner_id}.Jo Doe`, email: `s1.${partner_id}.jo@acme.example` },
        metadata: [
          ['a', `s1.${tenant_id}.2`],
          ['z', `s1.${tenant_id}.1`],
        ],
      },
    });
  });
});

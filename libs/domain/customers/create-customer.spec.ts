import { given, tenant } from '../spec-support.js';

describe('CreateCustomer', () => {
  it('seals who it is under its own key, and says what was left out', () => {
    const { book, when } = given(tenant());
    const { outcome, events } = when({
      type: 'CreateCustomer',
      data: { kind: 'business', name: 'Shop Ltd', email: 'shop@example.com', metadata: { b: '2', a: '1' } },
    });
    const [event] = events;
    const id = `cust_${event?.id}`;
    expect(outcome).toBe('CustomerCreated');
    expect(event?.data).toEqual({
      customer: {
        customer_id: id,
        kind: 'business',
        name: `s1.${id}.Shop Ltd`,
        email: `s1.${id}.shop@example.com`,
        phone: null,
        kyc_tier: 'tier1',
        metadata: [
          ['a', `s1.${id}.1`],
          ['b', `s1.${id}.2`],
        ],
      },
    });
    expect(book.state.customers.get(id)).toBe('tier1');
  });

  it('has the tier that is said', () => {
    const { when } = given(tenant());
    const [event] = when({ type: 'CreateCustomer', data: { kind: 'person', name: 'A', kyc_tier: 'tier2' } }).events;
    expect(event?.data).toMatchObject({ customer: { kyc_tier: 'tier2', kind: 'person' } });
  });
});

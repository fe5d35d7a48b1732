import type { Command } from '../commands.js';
import { account, customer, given, tenant, type Row } from '../spec-support.js';
import type { UpdateCustomer } from './update-customer.js';

const update = (data: Omit<UpdateCustomer['data'], 'customer_id'>, customer_id = '@cyn'): Command => ({
  type: 'UpdateCustomer',
  data: { customer_id, ...data },
});
const full = customer('cyn', {
  metadata: Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`key${i}`, 'x'])),
});
const reached = customer('cyn', { email: 'cyn@example.com', phone: '+2348012345678' });

const ROWS: readonly Row[] = [
  [
    'one who is not there',
    [tenant()],
    update({ name: 'C' }, 'cust_01JGFJJZ00ZZZZZZZZZZZZZZZZ'),
    'refused: customer_not_found',
  ],
  [
    'too much metadata together',
    [tenant(), full],
    update({ metadata: { more: 'x' } }),
    'refused: invalid_parameter (metadata)',
  ],
  ['nothing', [tenant(), reached], update({}), 'unchanged'],
  ['the same tier', [tenant(), reached], update({ kyc_tier: 'tier1', metadata: { gone: null } }), 'unchanged'],
  ['no address, where there was none', [tenant(), customer('cyn')], update({ email: null, phone: null }), 'unchanged'],
  ['no address any more', [tenant(), reached], update({ email: null }), 'CustomerUpdated'],
  ['a name, even the same', [tenant(), reached], update({ name: 'cyn' }), 'CustomerUpdated'],
  ['another tier', [tenant(), reached], update({ kyc_tier: 'tier2' }), 'CustomerUpdated'],
];

describe('UpdateCustomer', () => {
  it.each(ROWS)('%s', (_telling, history, command, outcome) => {
    expect(given(...history).when(command).outcome).toBe(outcome);
  });

  it('changes what is named, keeps the rest sealed, and says what was before', () => {
    const { book, when } = given(tenant(), reached);
    const id = book.id('cyn');
    const [event] = when(update({ phone: null, kyc_tier: 'tier3', metadata: { a: '1' } })).events;
    expect(event?.data).toEqual({
      customer: {
        customer_id: id,
        kind: 'person',
        name: `s1.${id}.cyn`,
        email: `s1.${id}.cyn@example.com`,
        phone: null,
        kyc_tier: 'tier3',
        metadata: [['a', `s1.${id}.1`]],
      },
      previous: { phone: `s1.${id}.+2348012345678`, kyc_tier: 'tier1', metadata: [] },
    });
  });

  it('is the tier of its accounts, whatever of them is said next', () => {
    const { book, when } = given(
      tenant(),
      reached,
      account('ada', 'customer', 'NGN', { customer_id: '@cyn' }),
      update({ kyc_tier: 'tier3' }),
    );
    const [event] = when({ type: 'UpdateAccount', data: { account_id: '@ada', account_name: 'A' } }).events;
    expect(event?.data).toMatchObject({ account: { kyc_tier: 'tier3', customer_id: book.id('cyn') } });
    expect(Object.keys((event?.data as { previous: object }).previous)).toEqual(['account_name']);
    const opened = when(account('bob', 'customer', 'NGN', { customer_id: '@cyn' }).command).events[0];
    expect(opened?.data).toMatchObject({ account: { kyc_tier: 'tier3' } });
  });
});

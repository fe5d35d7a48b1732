import type { Command } from '../commands.js';
import { idOf } from '../ids.js';
import { account, customer, given, named, START, tenant, ulidAt, type Row, type Step } from '../spec-support.js';

const erase = (subject_id: string): Command => ({ type: 'EraseSubject', data: { subject_id } });
const USER = idOf('user', ulidAt(START, 11));
const PARTNER = idOf('partner', ulidAt(START, 2));
const ULID = '01JGFJJZ00ZZZZZZZZZZZZZZZZ';
const invited: Step = {
  type: 'InviteUser',
  data: { user_id: USER, email: 'ada@example.com', full_name: 'Ada', role: 'viewer' },
};
const revoked: Command = { type: 'UpdateUser', data: { user_id: USER, status: 'revoked' } };
const people = [tenant(), customer('cyn'), account('ada'), account('hers', 'customer', 'NGN', { customer_id: '@cyn' })];

const ROWS: readonly Row[] = [
  ['a customer', people, erase('@cyn'), 'SubjectErased'],
  ['the partner', people, erase(PARTNER), 'SubjectErased'],
  ['the holder of an account', people, erase('@ada'), 'SubjectErased'],
  ['a user without access', [...people, invited, revoked], erase(USER), 'SubjectErased'],
  ['a user who has access', [...people, invited], erase(USER), 'refused: invalid_state'],
  ['a customer by an account', people, erase('@hers'), 'refused: invalid_state'],
  ['again', [...people, erase('@cyn')], erase('@cyn'), 'unchanged'],
  [
    'of a tenant that is inactive',
    [...people, { type: 'ChangeTenantStatus', data: { status: 'inactive' } }],
    erase('@cyn'),
    'SubjectErased',
  ],
  ...['cust', 'usr', 'prt', 'acc'].map((prefix): Row => [
    `no ${prefix}`,
    people,
    erase(`${prefix}_${ULID}`),
    'refused: subject_not_found',
  ]),
  ['the tenant', people, erase(idOf('tenant', ulidAt(START, 1))), 'refused: subject_not_found'],
  ['what is no id', people, erase('x'), 'refused: subject_not_found'],
];

describe('EraseSubject', () => {
  it.each(ROWS)('%s', (_telling, history, command, outcome) => {
    expect(given(...history).when(command).outcome).toBe(outcome);
  });

  it('says whom, and nothing about them', () => {
    const { book, when } = given(...people);
    expect(when(erase('@cyn')).events[0]?.data).toEqual({ erasure: { subject_id: book.id('cyn'), kind: 'customer' } });
  });
});

describe('of who was erased', () => {
  const submit = named('kyc', { type: 'SubmitKyc', data: { customer_id: '@cyn', tier: 'tier2' } });
  const gone: readonly Step[] = [...people, submit, erase('@cyn')];
  it.each<Row>([
    [
      'nothing is told anew',
      gone,
      { type: 'UpdateCustomer', data: { customer_id: '@cyn', name: 'C' } },
      'refused: subject_erased',
    ],
    [
      'only the tier is still set',
      gone,
      { type: 'UpdateCustomer', data: { customer_id: '@cyn', kyc_tier: 'tier2' } },
      'CustomerUpdated',
    ],
    [
      'no account is opened',
      gone,
      account('new', 'customer', 'NGN', { customer_id: '@cyn' }).command,
      'refused: subject_erased (customer_id)',
    ],
    [
      'nothing is submitted',
      [...people, erase('@cyn')],
      { type: 'SubmitKyc', data: { customer_id: '@cyn', tier: 'tier2' } },
      'refused: subject_erased (customer_id)',
    ],
    [
      'nothing is submitted again',
      gone,
      { type: 'ResubmitKyc', data: { kyc_submission_id: '@kyc' } },
      'refused: subject_erased',
    ],
  ])('%s', (_telling, history, command, outcome) => {
    expect(given(...history).when(command).outcome).toBe(outcome);
  });
});

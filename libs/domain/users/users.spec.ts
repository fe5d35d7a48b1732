import { idOf } from '../ids.js';
import type { Command, Issuer } from '../commands.js';
import { DAY, elapse, given, OPERATOR, START, tenant, ulidAt, type Row, type Step } from '../spec-support.js';
import type { InviteUser } from './invite-user.js';
import type { UpdateUser } from './update-user.js';
import type { Role } from './users.js';

const user = (n: number): string => idOf('user', ulidAt(START, n));
const invite = (n: number, role: Role = 'viewer', more: Partial<InviteUser['data']> = {}): Command => ({
  type: 'InviteUser',
  data: { user_id: user(n), email: `u${n}@acme.example`, full_name: `User ${n}`, role, ...more },
});
const accept = (n: number): Command => ({ type: 'AcceptInvitation', data: { user_id: user(n) } });
const resend = (n: number): Command => ({ type: 'ResendInvitation', data: { user_id: user(n) } });
const update = (n: number, data: Omit<UpdateUser['data'], 'user_id'>): Command => ({
  type: 'UpdateUser',
  data: { user_id: user(n), ...data },
});
const member = (n: number, role: Role = 'viewer'): readonly Step[] => [invite(n, role), accept(n)];
const suspend: Command = { type: 'ChangeTenantStatus', data: { status: 'suspended' } };
const deactivate: Command = { type: 'ChangeTenantStatus', data: { status: 'inactive' } };
const fifty = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`key${i}`, 'x']));

const ROWS: readonly Row[] = [
  ['inviting while suspended', [tenant({ status: 'suspended' })], invite(1), 'refused: tenant_suspended'],
  ['inviting under an id that is taken', [tenant(), invite(1)], invite(1), 'refused: invalid_state (user_id)'],
  ['inviting', [tenant()], invite(1), 'UserInvited'],

  ['resending to nobody', [tenant()], resend(1), 'refused: user_not_found'],
  ['resending to one who accepted', [tenant(), ...member(1)], resend(1), 'refused: invitation_used'],
  [
    'resending what was taken back',
    [tenant(), invite(1), update(1, { status: 'revoked' })],
    resend(1),
    'refused: invitation_used',
  ],
  ['resending what has expired', [tenant(), invite(1), elapse(8 * DAY)], resend(1), 'InvitationResent'],

  ['accepting what nobody sent', [tenant()], accept(1), 'refused: user_not_found'],
  ['accepting on the last day', [tenant(), invite(1), elapse(7 * DAY - 1_000)], accept(1), 'InvitationAccepted'],
  ['accepting a moment too late', [tenant(), invite(1), elapse(7 * DAY)], accept(1), 'refused: invitation_expired'],
  ['accepting what was sent again', [tenant(), invite(1), elapse(8 * DAY), resend(1)], accept(1), 'InvitationAccepted'],
  ['accepting twice', [tenant(), ...member(1)], accept(1), 'refused: invitation_used'],
  [
    'accepting what was taken back',
    [tenant(), invite(1), update(1, { status: 'revoked' })],
    accept(1),
    'refused: invitation_used',
  ],
  ['accepting while suspended', [tenant(), invite(1), suspend], accept(1), 'InvitationAccepted'],
  ['accepting while inactive', [tenant(), invite(1), deactivate], accept(1), 'refused: tenant_inactive'],

  ['changing nobody', [tenant()], update(1, { role: 'admin' }), 'refused: user_not_found'],
  ['another role', [tenant(), ...member(1)], update(1, { role: 'finance' }), 'UserUpdated'],
  ['the same role', [tenant(), ...member(1)], update(1, { role: 'viewer' }), 'unchanged'],
  [
    'becoming active without accepting',
    [tenant(), invite(1)],
    update(1, { status: 'active' }),
    'refused: invalid_status_transition (status)',
  ],
  [
    'suspending one who is invited',
    [tenant(), invite(1)],
    update(1, { status: 'suspended' }),
    'refused: invalid_status_transition (status)',
  ],
  ['taking an invitation back', [tenant(), invite(1)], update(1, { status: 'revoked' }), 'UserUpdated'],
  [
    'taking one back that was accepted',
    [tenant(), ...member(1)],
    update(1, { status: 'revoked', only_invited: true }),
    'refused: invitation_used',
  ],
  [
    'back from suspension',
    [tenant(), ...member(1), update(1, { status: 'suspended' })],
    update(1, { status: 'active' }),
    'UserUpdated',
  ],
  [
    'back from revocation',
    [tenant(), ...member(1), update(1, { status: 'revoked' })],
    update(1, { status: 'active' }),
    'refused: invalid_status_transition (status)',
  ],
  [
    'another role for one who is revoked',
    [tenant(), ...member(1), update(1, { status: 'revoked' })],
    update(1, { role: 'admin' }),
    'refused: invalid_status_transition',
  ],
  [
    'revoked twice',
    [tenant(), ...member(1), update(1, { status: 'revoked' })],
    update(1, { status: 'revoked' }),
    'unchanged',
  ],
  [
    'another role while suspended',
    [tenant(), ...member(1), suspend],
    update(1, { role: 'admin' }),
    'refused: tenant_suspended',
  ],
  ['shut out while suspended', [tenant(), ...member(1), suspend], update(1, { status: 'suspended' }), 'UserUpdated'],
  [
    'shut out and more while inactive',
    [tenant(), ...member(1), deactivate],
    update(1, { status: 'revoked', role: 'admin' }),
    'refused: tenant_inactive',
  ],
  [
    'too much metadata together',
    [tenant(), invite(1, 'viewer', { metadata: fifty })],
    update(1, { metadata: { more: 'x' } }),
    'refused: invalid_parameter (metadata)',
  ],
  [
    'the last owner leaves',
    [tenant(), ...member(1, 'owner')],
    update(1, { status: 'revoked' }),
    'refused: last_owner (status)',
  ],
  [
    'the last owner is suspended',
    [tenant(), ...member(1, 'owner')],
    update(1, { status: 'suspended' }),
    'refused: last_owner (status)',
  ],
  [
    'the last owner gives it up',
    [tenant(), ...member(1, 'owner')],
    update(1, { role: 'admin' }),
    'refused: last_owner (role)',
  ],
  [
    'the last active owner, while another is only invited',
    [tenant(), ...member(1, 'owner'), invite(2, 'owner')],
    update(1, { role: 'admin' }),
    'refused: last_owner (role)',
  ],
  [
    'the last active owner, while another is suspended',
    [tenant(), ...member(1, 'owner'), ...member(2, 'owner'), update(2, { status: 'suspended' })],
    update(1, { status: 'revoked' }),
    'refused: last_owner (status)',
  ],
  [
    'one of two owners',
    [tenant(), ...member(1, 'owner'), ...member(2, 'owner')],
    update(1, { status: 'revoked' }),
    'UserUpdated',
  ],
  ['an owner who never accepted', [tenant(), invite(1, 'owner')], update(1, { status: 'revoked' }), 'UserUpdated'],
];

describe('users', () => {
  it.each(ROWS)('%s', (_telling, history, command, outcome) => {
    expect(given(...history).when(command).outcome).toBe(outcome);
  });

  it('are sealed under their own keys, and nothing of how they sign in is in the stream', () => {
    const { book, when } = given(tenant());
    const [event] = when(invite(1, 'admin', { metadata: { department: 'operations' } })).events;
    expect(event?.data).toEqual({
      user: {
        user_id: user(1),
        email: `s1.${user(1)}.u1@acme.example`,
        full_name: `s1.${user(1)}.User 1`,
        role: 'admin',
        status: 'invited',
        metadata: [['department', `s1.${user(1)}.operations`]],
        invited_at: '2026-01-05T09:00:02.000Z',
        invitation_expires_at: '2026-01-12T09:00:02.000Z',
        accepted_at: null,
      },
    });
    expect(book.state.users.get(user(1))).toEqual({ role: 'admin', status: 'invited' });
  });

  it('say what was before, of what changes alone', () => {
    const { when } = given(tenant(), ...member(1));
    expect(when(update(1, { role: 'finance', metadata: { a: 'b' } })).events[0]?.data).toMatchObject({
      user: { role: 'finance', status: 'active' },
      previous: { role: 'viewer', metadata: [] },
    });
  });

  it('who are not active have nothing decided for them, however they got past the door', () => {
    const issuer: Issuer = { ...OPERATOR, plane: 'tenant', userId: user(1) };
    const command: Command = { type: 'CreateCustomer', data: { kind: 'person', name: 'Ada' } };
    const { when } = given(tenant(), ...member(1));
    expect(when(command, issuer).outcome).toBe('CustomerCreated');
    when(update(1, { status: 'suspended' }));
    expect(when(command, issuer).outcome).toBe('refused: revoked_user');
    expect(when(command, { ...issuer, userId: user(2) }).outcome).toBe('refused: revoked_user');
  });

  it('revoked make room for an owner only by an owner', () => {
    const { when } = given(tenant(), ...member(1, 'owner'), ...member(2));
    expect(when(update(1, { role: 'admin' })).outcome).toBe('refused: last_owner (role)');
    when(update(2, { role: 'owner' }));
    expect(when(update(1, { role: 'admin' })).outcome).toBe('UserUpdated');
  });
});

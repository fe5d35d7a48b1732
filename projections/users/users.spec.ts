import { idOf } from '#domain/ids.js';
import { START, ulidAt } from '#domain/spec-support.js';
import { withTenant } from '#projecting/tenant-session.js';
import { ReadModels } from '../../test/support/read-models.js';
import { countUsers, getUser, listUsers } from './users.queries.js';

let models: ReadModels;
beforeAll(async () => {
  models = await ReadModels.start();
  models.run();
});
afterAll(() => models.close());

describe('users', () => {
  it('are listed as they stand, and found by role and status', async () => {
    const [one, two] = [idOf('user', ulidAt(START, 901)), idOf('user', ulidAt(START, 902))];
    const book = await models.tenant(
      1,
      { type: 'InviteUser', data: { user_id: one, email: 'jane@acme.example', full_name: 'Jane', role: 'admin' } },
      { type: 'InviteUser', data: { user_id: two, email: 'joe@acme.example', full_name: 'Joe', role: 'viewer' } },
      { type: 'AcceptInvitation', data: { user_id: one } },
      { type: 'UpdateUser', data: { user_id: one, role: 'finance', metadata: { department: 'finance' } } },
    );
    await models.projected(book);
    const { data } = await withTenant(models.app, book.tenantId, async (session) => ({
      one: await getUser(session, one),
      all: await listUsers(session, { limit: 5 }),
      invited: await listUsers(session, { limit: 5, status: 'invited' }),
      finance: await countUsers(session, { role: 'finance' }),
      none: await getUser(session, 'usr_0'),
    }));
    expect(data.one).toMatchObject({
      object: 'user',
      tenant_id: book.tenantId,
      email: 'jane@acme.example',
      role: 'finance',
      status: 'active',
      metadata: { department: 'finance' },
      invitation_expires_at: null,
      last_login_at: null,
    });
    expect(data.one?.accepted_at).toMatch(/^2026-/);
    expect(data.all.data.map(({ id }) => id)).toEqual([two, one]);
    expect(data.invited.data.map(({ id }) => id)).toEqual([two]);
    expect(data.finance).toBe(1);
    expect(data.none).toBeNull();
    expect((await models.app.query('SELECT FROM users')).rowCount).toBe(0);
  });
});

import { startSmtp, type Smtp } from '../../../test/support/smtp.js';
import { InstallationUnderTest } from '../spec-installation.js';
import type { Reply } from '../spec-support.js';

const ULID = '01HZXK5Y8Q2J3M4N5P6R7S8T9V';
const told = ({ status, body }: Reply): string =>
  [status, body.error?.code, body.error?.param].filter(Boolean).join(' ');

let smtp: Smtp;
let at: InstallationUnderTest;
beforeAll(async () => {
  smtp = await startSmtp();
  at = await InstallationUnderTest.start({ DAYBOOK_SMTP_URL: smtp.url });
}, 60_000);
afterAll(async () => {
  await at.close();
  await smtp.stop();
});

const workspaces = (method: string, below = '', body?: object, headers = {}): Promise<Reply> =>
  at.send(method, `/api/v1/admin/workspaces${below}`, body, { as: at.operator, headers });
const ids = ({ body }: Reply, of: string): unknown => (body[of] as { id: string }[]).map(({ id }) => id);

/** Invites somebody and accepts for them; answers their session. */
const joined = async (tenantId: string, email: string, role: string): Promise<Reply['body']> => {
  await at.admin('POST', `/${tenantId}/invitations`, { email, full_name: 'Jane Smith', role });
  const { text } = await smtp.letterTo(email);
  const token = /Token: ([\w-]+)/.exec(text)![1];
  const accepted = await at.send('POST', '/api/v1/auth/invitations/accept', { token });
  if (accepted.status !== 200) throw new Error(accepted.text);
  return accepted.body;
};

describe('workspaces', () => {
  it('are created once for a key, named, listed and got', async () => {
    const key = { 'idempotency-key': 'first' };
    const made = await workspaces('POST', '', { name: 'Acme Group' }, key);
    expect(made).toMatchObject({ status: 201, body: { object: 'workspace', name: 'Acme Group' } });
    const again = await workspaces('POST', '', { name: 'Acme Group' }, key);
    expect([again.status, again.body, again.headers['idempotent-replayed']]).toEqual([201, made.body, 'true']);
    expect(told(await workspaces('POST', '', { name: 'Other' }, key))).toBe('409 key_reused');
    expect((await workspaces('GET', `/${made.body.id}`)).body).toEqual(made.body);
    const second = await workspaces('POST', '', { name: 'Second' });
    const page = await workspaces('GET', '?limit=1');
    expect(page.body).toMatchObject({ workspaces: [second.body], pagination: { limit: 1, total_count: 2 } });
    const { cursor } = page.body.pagination as { cursor: string };
    expect(ids(await workspaces('GET', `?limit=1&cursor=${cursor}`), 'workspaces')).toEqual([made.body.id]);
    expect(told(await workspaces('POST', '', {}))).toBe('400 missing_field name');
    expect(told(await workspaces('GET', `/wsp_${ULID}`))).toBe('404 workspace_not_found');
    expect(told(await workspaces('GET', '/acme/members'))).toBe('404 workspace_not_found');
  });

  it('hold tenants, live and sandbox; the first one makes its own where none is named', async () => {
    const { body } = await workspaces('POST', '', { name: 'Hotels' });
    const workspace_id = body.id as string;
    const live = await at.tenant({ workspace_id });
    const key = await at.admin('POST', `/${live.id}/api-keys`, { prefix: 'test', scopes: ['accounts:read'] });
    const twin = (key.body.key as { tenant_id: string }).tenant_id;
    // A list of tenants waits for nothing; a tenant that is asked for by its id does.
    await at.admin('GET', `/${twin}`);
    const held = await workspaces('GET', `/${workspace_id}/tenants`);
    expect(held.body).toMatchObject({
      tenants: [
        { id: twin, environment: 'sandbox', workspace_id },
        { id: live.id, environment: 'live', workspace_id },
      ],
      pagination: { total_count: 2 },
    });
    expect(ids(await at.admin('GET', `?workspace_id=${workspace_id}&environment=sandbox`), 'tenants')).toEqual([twin]);
    const alone = await at.tenant();
    await at.admin('GET', `/${alone.id}`);
    expect((await workspaces('GET', `/${alone.workspace_id}`)).body.name).toBeNull();
    expect(ids(await workspaces('GET', `/${alone.workspace_id}/tenants`), 'tenants')).toEqual([alone.id]);
    const stranger = { name: 'x', default_currency: 'NGN', partner: { name: 'x', email: 'x@example.com' } };
    expect(told(await at.admin('POST', '', { ...stranger, workspace_id: `wsp_${ULID}` }))).toBe(
      '400 invalid_parameter workspace_id',
    );
  });

  it('have the people of their tenants as members, who switch between just those', async () => {
    const one = await at.tenant();
    const { workspace_id } = one;
    const two = await at.tenant({ workspace_id, environment: 'sandbox' });
    const elsewhere = await at.tenant();
    const session = await joined(one.id, 'jane@acme.example', 'viewer');
    await joined(two.id, 'jane@acme.example', 'owner');
    await joined(two.id, 'bob@acme.example', 'viewer');
    await joined(elsewhere.id, 'jane@acme.example', 'owner');
    for (const { id } of [one, two]) await at.admin('GET', `/${id}/users`);
    const { body } = await workspaces('GET', `/${workspace_id}/members`);
    expect(body).toMatchObject({
      members: [
        { object: 'workspace_member', email: 'bob@acme.example', role: 'member', users: [{ tenant_id: two.id }] },
        {
          id: session.user_id,
          email: 'jane@acme.example',
          full_name: 'Jane Smith',
          role: 'admin',
          users: [
            { tenant_id: one.id, user_id: session.user_id, role: 'viewer', status: 'active' },
            { tenant_id: two.id, role: 'owner', status: 'active' },
          ],
        },
      ],
      pagination: { total_count: 2 },
    });
    const { cursor } = (await workspaces('GET', `/${workspace_id}/members?limit=1`)).body.pagination as {
      cursor: string;
    };
    expect(ids(await workspaces('GET', `/${workspace_id}/members?limit=1&cursor=${cursor}`), 'members')).toEqual([
      session.user_id,
    ]);
    const [, jane] = body.members as { users: { tenant_id: string }[] }[];
    const reachable = new Set(jane!.users.map(({ tenant_id }) => tenant_id));
    for (const { id } of [one, two, elsewhere]) {
      const switched = await at.send(
        'POST',
        '/api/v1/auth/switch',
        { tenant_id: id },
        { as: session.access_token as string },
      );
      expect([id, switched.status === 200]).toEqual([id, reachable.has(id)]);
    }
    const nobody = await workspaces('POST', '', { name: 'Empty' });
    expect((await workspaces('GET', `/${nobody.body.id}/members`)).body).toMatchObject({ members: [] });
  });
});

import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { Role, UserFacts, UserStatus } from '#domain/users/users.js';
import type { Passwords } from './passwords.js';
import type { SecretToken } from './secret-tokens.js';

export interface Member {
  readonly tenantId: string;
  readonly userId: string;
  readonly role: Role;
  readonly status: UserStatus;
}

export interface Invited {
  readonly tenantId: string;
  readonly userId: string;
  readonly address: Buffer;
}

/** Whoever signs in with one address: the users that they are in some tenants. */
export interface Person {
  /** The least of their users' ids there. */
  readonly memberId: string;
  readonly users: readonly Member[];
}

interface PersonRow {
  readonly member_id: string;
  readonly users: readonly MemberRow[];
}

interface MemberRow {
  readonly tenant_id: string;
  readonly user_id: string;
  readonly role: Role;
  readonly status: UserStatus;
}

const RESERVE = `INSERT INTO daybook.user_credentials (tenant_id, user_id, address, invitation_id, invitation_hash)
  VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant_id, address) DO NOTHING`;

const HOLDER = 'SELECT user_id FROM daybook.user_credentials WHERE tenant_id = $1 AND address = $2';

// Whoever has no access loses sessions, whoever is revoked the address and the invitation too. One that was accepted stays
// known, so that its second use can be told from garbage; the writer refuses it.
const SETTLE = `WITH settled AS (
    UPDATE daybook.user_credentials SET role = $3, status = $4, revision = $5,
      address = CASE WHEN $4 = 'revoked' THEN NULL ELSE address END,
      invitation_id = CASE WHEN $4 <> 'revoked' THEN invitation_id END,
      invitation_hash = CASE WHEN $4 <> 'revoked' THEN invitation_hash END
    WHERE tenant_id = $1 AND user_id = $2 AND coalesce(revision, -1) <= $5
    RETURNING tenant_id, user_id, status)
  , ended AS (
    UPDATE daybook.sessions s SET ended_at = now() FROM settled
    WHERE s.tenant_id = settled.tenant_id AND s.user_id = settled.user_id AND s.ended_at IS NULL
      AND settled.status <> 'active')
  SELECT FROM settled`;

const INVITE_AGAIN = `UPDATE daybook.user_credentials SET invitation_id = $3, invitation_hash = $4
  WHERE tenant_id = $1 AND user_id = $2 AND status = 'invited'`;

const DISCARD = 'DELETE FROM daybook.user_credentials WHERE tenant_id = $1 AND user_id = $2 AND revision IS NULL';

const UNSETTLED = `SELECT tenant_id, user_id FROM daybook.user_credentials
  WHERE revision IS NULL AND created_at < now() - $1 * interval '1 millisecond' ORDER BY created_at LIMIT 1000`;

const MEMBERS = `SELECT tenant_id, user_id, role, status FROM daybook.user_credentials
  WHERE address = $1 AND revision IS NOT NULL ORDER BY last_login_at DESC NULLS LAST, tenant_id`;

const MEMBER = `SELECT tenant_id, user_id, role, status FROM daybook.user_credentials
  WHERE tenant_id = $1 AND user_id = $2 AND revision IS NOT NULL`;

const SIBLING = `SELECT o.tenant_id, o.user_id, o.role, o.status FROM daybook.user_credentials m
  JOIN daybook.user_credentials o ON o.address = m.address
  WHERE m.tenant_id = $1 AND m.user_id = $2 AND o.tenant_id = $3 AND o.revision IS NOT NULL`;

const SIBLINGS = `SELECT o.tenant_id, o.user_id, o.role, o.status FROM daybook.user_credentials m
  JOIN daybook.user_credentials o ON o.address = m.address AND o.tenant_id <> m.tenant_id
  WHERE m.tenant_id = $1 AND m.user_id = $2 AND o.revision IS NOT NULL ORDER BY o.tenant_id LIMIT 100`;

const PEOPLE = `SELECT min(user_id) AS member_id, json_agg(json_build_object(
    'tenant_id', tenant_id, 'user_id', user_id, 'role', role, 'status', status) ORDER BY tenant_id) AS users
  FROM daybook.user_credentials
  WHERE tenant_id = ANY ($1::text[]) AND revision IS NOT NULL AND address IS NOT NULL
  GROUP BY address HAVING $2::text IS NULL OR min(user_id) < $2 ORDER BY min(user_id) DESC LIMIT $3`;

const COUNT_PEOPLE = `SELECT count(DISTINCT address) AS count FROM daybook.user_credentials
  WHERE tenant_id = ANY ($1::text[]) AND revision IS NOT NULL AND address IS NOT NULL`;

const INVITATION = `SELECT tenant_id, user_id, address, invitation_hash FROM daybook.user_credentials
  WHERE invitation_id = $1 AND revision IS NOT NULL`;

const LAST_LOGINS = `SELECT user_id, last_login_at FROM daybook.user_credentials
  WHERE tenant_id = $1 AND user_id = ANY ($2::text[]) AND last_login_at IS NOT NULL`;

// Who took the account over, or never should have had it, is out with it, everywhere; and so is every link that was mailed.
const REPLACE_PASSWORD = `WITH unsent AS (DELETE FROM daybook.sign_in_links WHERE address = $1)
  , ended AS (
    UPDATE daybook.sessions s SET ended_at = now() FROM daybook.user_credentials u
    WHERE u.address = $1 AND s.tenant_id = u.tenant_id AND s.user_id = u.user_id AND s.ended_at IS NULL)
  INSERT INTO daybook.sign_in_passwords (address, hash) VALUES ($1, $2)
    ON CONFLICT (address) DO UPDATE SET hash = excluded.hash, changed_at = now()`;

// The same, by a letter that it uses up: one of them never comes without the other.
const RESET_PASSWORD = `WITH used AS (
    DELETE FROM daybook.sign_in_links WHERE link_id = $1 AND verifier = $2 AND expires_at > now() RETURNING address)
  , unsent AS (
    DELETE FROM daybook.sign_in_links l USING used WHERE l.address = used.address AND l.link_id <> $1)
  , ended AS (
    UPDATE daybook.sessions s SET ended_at = now() FROM daybook.user_credentials u, used
    WHERE u.address = used.address AND s.tenant_id = u.tenant_id AND s.user_id = u.user_id AND s.ended_at IS NULL)
  INSERT INTO daybook.sign_in_passwords (address, hash) SELECT address, $3 FROM used
    ON CONFLICT (address) DO UPDATE SET hash = excluded.hash, changed_at = now()`;

const memberOf = (row: MemberRow): Member => ({
  tenantId: row.tenant_id,
  userId: row.user_id,
  role: row.role,
  status: row.status,
});

/**
 * What is known of users besides their events: by which address they sign in, and which invitation is open. Written in the
 * order of `ApiKeyCredentials`: `reserve` → append `UserInvited` → `settle`, and only then is the token mailed. The pool's
 * role is `daybook_auth`.
 */
export class UserCredentials {
  constructor(
    private readonly pool: Pick<pg.Pool, 'query'>,
    private readonly passwords: Passwords,
  ) {}

  /** The user who has this address in the tenant from now on, or had it already: then nothing was reserved. */
  async reserve(tenantId: string, userId: string, address: Buffer, invitation: SecretToken): Promise<string> {
    const hash = await this.passwords.hash(invitation.secret);
    const { rowCount } = await this.pool.query(RESERVE, [tenantId, userId, address, invitation.id, hash]);
    if (rowCount === 1) return userId;
    const { rows } = await this.pool.query<{ user_id: string }>(HOLDER, [tenantId, address]);
    // Taken back in between: it is free again, and whoever asks again gets it.
    return rows[0]?.user_id ?? userId;
  }

  /** Another token; the one before opens nothing any more. False: the user is not, or no longer, invited. */
  async inviteAgain(tenantId: string, userId: string, invitation: SecretToken): Promise<boolean> {
    const hash = await this.passwords.hash(invitation.secret);
    const { rowCount } = await this.pool.query(INVITE_AGAIN, [tenantId, userId, invitation.id, hash]);
    return rowCount === 1;
  }

  /** Makes the row say what the event at this revision says; false: there is no row, or it is newer. Ends sessions. */
  async settle(
    tenantId: string,
    facts: Pick<UserFacts, 'user_id' | 'role' | 'status'>,
    revision: number,
  ): Promise<boolean> {
    const { rowCount } = await this.pool.query(SETTLE, [tenantId, facts.user_id, facts.role, facts.status, revision]);
    return rowCount === 1;
  }

  /** Removes a reserved row; one that was settled stays. */
  async discard(tenantId: string, userId: string): Promise<void> {
    await this.pool.query(DISCARD, [tenantId, userId]);
  }

  /** Reserved for longer than this many milliseconds, oldest first, at most 1,000: something broke off in between. */
  async unsettled(olderThanMs: number): Promise<readonly { readonly tenantId: string; readonly userId: string }[]> {
    const { rows } = await this.pool.query<MemberRow>(UNSETTLED, [olderThanMs]);
    return rows.map((row) => ({ tenantId: row.tenant_id, userId: row.user_id }));
  }

  /** Who signs in with this address, anywhere; where somebody signed in last comes first. */
  async membersWith(address: Buffer): Promise<readonly Member[]> {
    const { rows } = await this.pool.query<MemberRow>(MEMBERS, [address]);
    return rows.map(memberOf);
  }

  async member(tenantId: string, userId: string): Promise<Member | null> {
    const { rows } = await this.pool.query<MemberRow>(MEMBER, [tenantId, userId]);
    return rows[0] === undefined ? null : memberOf(rows[0]);
  }

  /** The same person in another tenant: the user there who signs in with the same address. */
  async sameIn(tenantId: string, userId: string, otherTenantId: string): Promise<Member | null> {
    const { rows } = await this.pool.query<MemberRow>(SIBLING, [tenantId, userId, otherTenantId]);
    return rows[0] === undefined ? null : memberOf(rows[0]);
  }

  /** The same person in other tenants, at most 100. */
  async sameElsewhere(tenantId: string, userId: string): Promise<readonly Member[]> {
    const { rows } = await this.pool.query<MemberRow>(SIBLINGS, [tenantId, userId]);
    return rows.map(memberOf);
  }

  /** Who works in these tenants, newest first, by address; `after`: the `memberId` that the page follows. */
  async people(tenantIds: readonly string[], limit: number, after: string | null): Promise<readonly Person[]> {
    const { rows } = await this.pool.query<PersonRow>(PEOPLE, [tenantIds, after, limit]);
    return rows.map((row) => ({ memberId: row.member_id, users: row.users.map(memberOf) }));
  }

  async countPeople(tenantIds: readonly string[]): Promise<number> {
    const { rows } = await this.pool.query<{ count: string }>(COUNT_PEOPLE, [tenantIds]);
    return Number(rows[0]?.count ?? 0);
  }

  /** Whose open invitation this is; null for a token that opens none. Takes as long for one that nobody has. */
  async invited(invitation: SecretToken): Promise<Invited | null> {
    const { rows } = await this.pool.query<{
      tenant_id: string;
      user_id: string;
      address: Buffer;
      invitation_hash: string;
    }>(INVITATION, [invitation.id]);
    const row = rows[0];
    if (!(await this.passwords.matches(invitation.secret, row?.invitation_hash ?? null)) || row === undefined)
      return null;
    return { tenantId: row.tenant_id, userId: row.user_id, address: row.address };
  }

  /** Null: the address has no password. */
  async passwordHash(address: Buffer): Promise<string | null> {
    const { rows } = await this.pool.query<{ hash: string }>(
      'SELECT hash FROM daybook.sign_in_passwords WHERE address = $1',
      [address],
    );
    return rows[0]?.hash ?? null;
  }

  /** Only where there is none: a password is never replaced by an invitation. */
  async setFirstPassword(address: Buffer, password: string): Promise<void> {
    const hash = await this.passwords.hash(password);
    await this.pool.query(
      'INSERT INTO daybook.sign_in_passwords (address, hash) VALUES ($1, $2) ON CONFLICT DO NOTHING',
      [address, hash],
    );
  }

  /** Whatever it was before. Ends all sessions of the address, in every tenant, and takes back what was mailed to it. */
  async replacePassword(address: Buffer, password: string): Promise<void> {
    await this.pool.query(REPLACE_PASSWORD, [address, await this.passwords.hash(password)]);
  }

  /** By a mailed link, which is used up by it; false: it is not good any more. Ends all sessions of the address. */
  async resetPassword(link: SecretToken, password: string): Promise<boolean> {
    const hash = await this.passwords.hash(password);
    const { rowCount } = await this.pool.query(RESET_PASSWORD, [link.id, digestOf(link.secret), hash]);
    return rowCount === 1;
  }

  /** By which address a user signs in; null: by none, they are revoked or unknown. */
  async addressOf(tenantId: string, userId: string): Promise<Buffer | null> {
    const { rows } = await this.pool.query<{ address: Buffer | null }>(
      'SELECT address FROM daybook.user_credentials WHERE tenant_id = $1 AND user_id = $2',
      [tenantId, userId],
    );
    return rows[0]?.address ?? null;
  }

  async keepLink(link: SecretToken, address: Buffer, seconds: number): Promise<void> {
    await this.pool.query('DELETE FROM daybook.sign_in_links WHERE expires_at < now()');
    await this.pool.query(
      `INSERT INTO daybook.sign_in_links (link_id, address, verifier, expires_at)
        VALUES ($1, $2, $3, now() + $4 * interval '1 second')`,
      [link.id, address, digestOf(link.secret), seconds],
    );
  }

  /** The address that a link was mailed to, which is still good afterwards; null: it opens nothing, or not any more. */
  async linkedTo(link: SecretToken): Promise<Buffer | null> {
    const { rows } = await this.pool.query<{ address: Buffer }>(
      'SELECT address FROM daybook.sign_in_links WHERE link_id = $1 AND verifier = $2 AND expires_at > now()',
      [link.id, digestOf(link.secret)],
    );
    return rows[0]?.address ?? null;
  }

  /** The address that a link was mailed to, once; null: it opens nothing, or not any more. */
  async useLink(link: SecretToken): Promise<Buffer | null> {
    // 256 random bits need no slow hash, and a digest can be looked for: what is deleted was good, and is good only once.
    const { rows } = await this.pool.query<{ address: Buffer }>(
      'DELETE FROM daybook.sign_in_links WHERE link_id = $1 AND verifier = $2 AND expires_at > now() RETURNING address',
      [link.id, digestOf(link.secret)],
    );
    return rows[0]?.address ?? null;
  }

  async lastLogins(tenantId: string, userIds: readonly string[]): Promise<ReadonlyMap<string, Date>> {
    const { rows } = await this.pool.query<{ user_id: string; last_login_at: Date }>(LAST_LOGINS, [tenantId, userIds]);
    return new Map(rows.map((row) => [row.user_id, row.last_login_at]));
  }
}

const digestOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();

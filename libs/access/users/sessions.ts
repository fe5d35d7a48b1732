import { performance } from 'node:perf_hooks';
import type pg from 'pg';
import type { Role } from '#domain/users/users.js';
import { newUlid, type RefreshTokens } from './secret-tokens.js';
import type { SignedIn, UserTokens } from './user-tokens.js';

export const SESSION_SECONDS = 30 * 86_400;

export interface SessionTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** What a session stands for now. */
export interface StandingSession {
  readonly role: Role;
}

// Somebody who signs in is a good moment to forget the sessions that ended long ago.
const BEGIN = `WITH swept AS (DELETE FROM daybook.sessions WHERE expires_at < now() - interval '1 day')
  , used AS (UPDATE daybook.user_credentials SET last_login_at = now() WHERE tenant_id = $1 AND user_id = $3)
  INSERT INTO daybook.sessions (tenant_id, session_id, user_id, expires_at)
    VALUES ($1, $2, $3, now() + $4 * interval '1 second')`;

const RENEW = `UPDATE daybook.sessions s SET generation = generation + 1, renewed_at = now(),
    expires_at = now() + $3 * interval '1 second'
  FROM daybook.user_credentials u
  WHERE s.session_id = $1 AND s.generation = $2 AND s.ended_at IS NULL AND s.expires_at > now()
    AND u.tenant_id = s.tenant_id AND u.user_id = s.user_id AND u.status = 'active'
  RETURNING s.tenant_id, s.user_id, s.generation`;

const OWNER = `SELECT s.tenant_id FROM daybook.sessions s
  WHERE s.session_id = $1 AND s.generation = $2 AND s.ended_at IS NULL AND s.expires_at > now()`;

const END = 'UPDATE daybook.sessions SET ended_at = now() WHERE session_id = $1 AND ended_at IS NULL';

const STANDING = `SELECT u.role FROM daybook.sessions s
  JOIN daybook.user_credentials u ON u.tenant_id = s.tenant_id AND u.user_id = s.user_id
  WHERE s.tenant_id = $1 AND s.session_id = $2 AND s.user_id = $3 AND s.ended_at IS NULL AND u.status = 'active'`;

/** What another instance ended is noticed after this many milliseconds at the latest. */
const FRESH_MS = 1_000;
const REMEMBERED = 10_000;

/** Who is signed in. The pool's role is `daybook_auth`. */
export class Sessions {
  readonly #known = new Map<string, { readonly session: StandingSession | null; readonly until: number }>();

  constructor(
    private readonly pool: Pick<pg.Pool, 'query'>,
    private readonly userTokens: UserTokens,
    private readonly refreshTokens: RefreshTokens,
  ) {}

  async begin(tenantId: string, userId: string): Promise<SessionTokens> {
    const sessionId = newUlid();
    await this.pool.query(BEGIN, [tenantId, sessionId, userId, SESSION_SECONDS]);
    return this.#tokens({ tenantId, userId, sessionId }, 1);
  }

  /**
   * The next pair of tokens; null: the token is not good. One that was good before, and so is somebody's copy, ends the
   * session for everybody who has any of its tokens. `mayGoOn` is asked first, and where it rejects the token stays good:
   * a refusal that passes must not end a session that nobody misused.
   */
  async renew(
    refreshToken: string,
    mayGoOn: (tenantId: string) => Promise<void> = () => Promise.resolve(),
  ): Promise<(SessionTokens & SignedIn) | null> {
    const parsed = this.refreshTokens.parse(refreshToken);
    if (parsed === null) return null;
    const { sessionId, generation } = parsed;
    const { rows: standing } = await this.pool.query<{ tenant_id: string }>(OWNER, [sessionId, generation]);
    if (standing[0] !== undefined) await mayGoOn(standing[0].tenant_id);
    const { rows } = await this.pool.query<{ tenant_id: string; user_id: string; generation: number }>(RENEW, [
      sessionId,
      generation,
      SESSION_SECONDS,
    ]);
    const row = rows[0];
    if (row === undefined) {
      await this.#end(sessionId);
      return null;
    }
    const signedIn = { tenantId: row.tenant_id, userId: row.user_id, sessionId };
    return { ...(await this.#tokens(signedIn, row.generation)), ...signedIn };
  }

  /** Ends the session that a refresh token belongs to, whether it is the last one or not. */
  async end(refreshToken: string): Promise<void> {
    const parsed = this.refreshTokens.parse(refreshToken);
    if (parsed !== null) await this.#end(parsed.sessionId);
  }

  /** Null: the session has ended, or its user has no access. At most a second old. */
  async standing({ tenantId, userId, sessionId }: SignedIn): Promise<StandingSession | null> {
    const known = this.#known.get(sessionId);
    if (known !== undefined && performance.now() < known.until) return known.session;
    const { rows } = await this.pool.query<StandingSession>(STANDING, [tenantId, sessionId, userId]);
    const session = rows[0] ?? null;
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(sessionId, { session, until: performance.now() + FRESH_MS });
    return session;
  }

  /** What is in memory is asked for again: somebody's role or status was just changed here. */
  forget(): void {
    this.#known.clear();
  }

  async #end(sessionId: string): Promise<void> {
    await this.pool.query(END, [sessionId]);
    this.#known.delete(sessionId);
  }

  async #tokens(signedIn: SignedIn, generation: number): Promise<SessionTokens> {
    return {
      accessToken: await this.userTokens.sign(signedIn),
      refreshToken: this.refreshTokens.tokenOf(signedIn.sessionId, generation),
    };
  }
}

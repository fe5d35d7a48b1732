import { ceilingOf } from '#domain/api-keys/terms.js';
import type { Tier } from '#domain/tenants/tenants.js';
import { ROLE_SCOPES } from '#contract/roles.js';
import { CredentialsUnavailable, type AuthFailure, type KeyEnvironment, type TenantPrincipal } from '../principal.js';
import type { Sessions } from './sessions.js';
import type { SignedIn, UserTokens } from './user-tokens.js';

/** Null: the tenant is not known yet. */
export type TenantOf = (tenantId: string) =>
  | { readonly environment: KeyEnvironment; readonly tier: Tier }
  | null
  | Promise<{
      readonly environment: KeyEnvironment;
      readonly tier: Tier;
    } | null>;

const INVALID: AuthFailure = Object.freeze({ code: 'invalid_key' });
const EXPIRED: AuthFailure = Object.freeze({ code: 'expired_token' });

/** Users by their access tokens: callers of the tenant plane whose scopes are those of their role. */
export class UserAuthenticator {
  constructor(
    private readonly tokens: UserTokens,
    private readonly sessions: Sessions,
    private readonly tenantOf: TenantOf,
  ) {}

  /** Whether a token says that it is a user's, which alone proves nothing. */
  isNamed(token: string): boolean {
    return this.tokens.isNamed(token);
  }

  /** Throws `CredentialsUnavailable`. */
  async authenticate(token: string): Promise<TenantPrincipal | AuthFailure> {
    const signedIn = await this.tokens.verify(token);
    if (signedIn === 'expired') return EXPIRED;
    if (signedIn === null) return INVALID;
    try {
      const session = await this.sessions.standing(signedIn);
      const tenant = session && (await this.tenantOf(signedIn.tenantId));
      if (session === null || tenant === null) return endedFor(signedIn);
      const { tier, environment } = tenant;
      return {
        plane: 'tenant',
        tenantId: signedIn.tenantId,
        environment,
        callerId: signedIn.userId,
        scopes: ROLE_SCOPES[session.role],
        limits: { perMinute: ceilingOf(tier, 'rate_limit_per_min'), perDay: ceilingOf(tier, 'rate_limit_per_day') },
      };
    } catch (error) {
      throw new CredentialsUnavailable('the table of sessions', error);
    }
  }
}

const endedFor = ({ tenantId, userId }: SignedIn): AuthFailure => ({
  code: 'session_ended',
  known: { tenantId, callerId: userId },
});

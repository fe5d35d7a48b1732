import type { RateCounters } from '#access/rate-limits/counters.js';
import { Addresses } from '#access/users/addresses.js';
import { Passwords } from '#access/users/passwords.js';
import { RefreshTokens } from '#access/users/secret-tokens.js';
import { Sessions } from '#access/users/sessions.js';
import { UserAuthenticator, type TenantOf } from '#access/users/user-authenticator.js';
import { UserCredentials } from '#access/users/user-credentials.js';
import { UserTokens } from '#access/users/user-tokens.js';
import type { Installation } from '#installation/installation.js';
import { openMail } from '#platform/mail/mail.js';
import { deriveKey } from '#platform/master-key.js';
import type { Logger } from 'pino';
import type { UserAccess } from './user-access.js';

export interface OpenUserAccess extends UserAccess {
  readonly authenticator: UserAuthenticator;
}

/** Every key is made from the master key, so that a token that one instance gave out is good at all. */
export const openUserAccess = (
  { pools, masterKey, keyFor, configuration }: Installation,
  attempts: RateCounters,
  tenantOf: TenantOf,
  logger: Logger,
): OpenUserAccess => {
  const passwords = new Passwords();
  const tokens = new UserTokens(deriveKey(masterKey, 'access: user tokens'));
  const refreshTokens = new RefreshTokens(deriveKey(masterKey, 'access: refresh tokens'));
  const sessions = new Sessions(pools.auth, tokens, refreshTokens);
  return {
    credentials: new UserCredentials(pools.auth, passwords),
    sessions,
    passwords,
    addresses: new Addresses(keyFor('access: addresses')),
    attempts,
    mail: openMail(configuration.mail, logger),
    dashboardUrl: configuration.mail.dashboardUrl,
    authenticator: new UserAuthenticator(tokens, sessions, tenantOf),
  };
};

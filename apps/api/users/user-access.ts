import type { RateCounters } from '#access/rate-limits/counters.js';
import type { Addresses } from '#access/users/addresses.js';
import type { Passwords } from '#access/users/passwords.js';
import type { Sessions } from '#access/users/sessions.js';
import type { UserCredentials } from '#access/users/user-credentials.js';
import type { Mail } from '#platform/mail/mail.js';

/** How tenants' users are invited and sign in: `libs/access` and a way to mail, wired together. */
export interface UserAccess {
  readonly credentials: UserCredentials;
  readonly sessions: Sessions;
  readonly passwords: Passwords;
  readonly addresses: Addresses;
  /** Counts attempts to sign in, as calls are counted. */
  readonly attempts: RateCounters;
  readonly mail: Mail;
  /** Where people come to with what was mailed to them; null: they are told the token and the route. */
  readonly dashboardUrl: string | null;
}

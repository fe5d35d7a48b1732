import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { RateWindow } from '#access/rate-limits/counters.js';
import { placeOf } from '#access/rate-limits/strangers.js';
import { TooManySignIns } from '#access/users/passwords.js';
import { mintLink, mintReset, parseInvitation, parseLink, parseReset } from '#access/users/secret-tokens.js';
import { SESSION_SECONDS, type SessionTokens } from '#access/users/sessions.js';
import type { Invited, Member } from '#access/users/user-credentials.js';
import { ACCESS_TOKEN_SECONDS } from '#access/users/user-tokens.js';
import type { Role, UserFacts } from '#domain/users/users.js';
import type { Call } from '#platform/http/call.js';
import { Problem } from '#platform/http/problem.js';
import { Commands } from '../commands.js';
import type { Reads } from '../reads.js';
import { READS, USERS } from '../tokens.js';
import { loginLetter, resetLetter } from '../users/letters.js';
import type { UserAccess } from '../users/user-access.js';
import type { AcceptInvitationBody, ChangePasswordBody, LoginBody, ResetPasswordBody } from './auth.dto.js';

const LINK_SECONDS = 900;
const QUARTER_MS = 900_000;
/**
 * Attempts in a quarter of an hour: for one address from one place, and from one place. Successes count too, so that nothing
 * is told. Whoever tries somebody else's address uses up their own attempts at it, never its owner's.
 */
const OF_ADDRESS = 10;
/** Attempts for one address from wherever that are answered at once; each one more waits twice as long as the one before. */
const AT_ONCE = 20;
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 3_000;
/** Many people may come from one place: an office, a proxy, the server of a dashboard. */
const OF_PLACE = 1_000;
const LETTERS_AN_HOUR = 5;
const BUSY_RETRY_MS = 1_000;

export interface SessionAnswer {
  readonly object: 'session';
  readonly access_token: string;
  readonly token_type: 'Bearer';
  readonly expires_in: number;
  readonly refresh_token: string;
  readonly refresh_expires_in: number;
  readonly tenant_id: string;
  readonly user_id: string;
  readonly role: Role;
}

interface Who {
  readonly tenantId: string;
  readonly userId: string;
  readonly role: Role;
}

const answerOf = ({ tenantId, userId, role }: Who, tokens: SessionTokens): SessionAnswer => ({
  object: 'session',
  access_token: tokens.accessToken,
  token_type: 'Bearer',
  expires_in: ACCESS_TOKEN_SECONDS,
  refresh_token: tokens.refreshToken,
  refresh_expires_in: SESSION_SECONDS,
  tenant_id: tenantId,
  user_id: userId,
  role,
});

/** How a tenant's users come in (DECISIONS 33, 34). Refusals never tell whether an address is anybody's. */
@Injectable()
export class SignIn {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(READS) private readonly reads: Reads,
    @Inject(USERS) private readonly access: UserAccess,
  ) {}

  async login(call: Call, { email, password, token, tenant_id }: LoginBody): Promise<SessionAnswer> {
    const isByLink = token !== undefined;
    if (isByLink && (email !== undefined || password !== undefined)) {
      throw new Problem('mutually_exclusive', { param: 'token' });
    }
    if (!isByLink && email === undefined) throw new Problem('missing_field', { param: 'email' });
    if (!isByLink && password === undefined) throw new Problem('missing_field', { param: 'password' });
    await this.attempt(call, isByLink ? null : this.access.addresses.digestOf(email as string));
    if (isByLink) return this.byLink(call, token, tenant_id);
    const address = await this.byPassword(email as string, password as string);
    if (address === null) throw new Problem('invalid_credentials');
    return this.begin(call, await this.chosen(address, tenant_id));
  }

  async requestLink(call: Call, email: string): Promise<void> {
    await this.mailed(call, email, mintLink, loginLetter);
  }

  async requestReset(call: Call, email: string): Promise<void> {
    await this.mailed(call, email, mintReset, resetLetter);
  }

  /** All sessions end, this one too: whoever else has one may be why the password is changed. */
  async changePassword(call: Call, { current_password, new_password }: ChangePasswordBody): Promise<SessionAnswer> {
    const { tenantId, callerId } = call.tenant;
    const { credentials, passwords } = this.access;
    const address = await credentials.addressOf(tenantId, callerId);
    if (address === null) throw new Problem('invalid_credentials');
    await this.attempt(call, address);
    const hash = await credentials.passwordHash(address);
    if (!(await this.patiently(() => passwords.matches(current_password, hash)))) {
      throw new Problem('invalid_credentials');
    }
    return this.withPassword(call, address, new_password, tenantId);
  }

  async resetPassword(call: Call, { token, password }: ResetPasswordBody): Promise<SessionAnswer> {
    await this.place(call);
    const { credentials, sessions } = this.access;
    const reset = parseReset(token);
    const address = reset && (await credentials.linkedTo(reset));
    if (reset === null || address === null) throw new Problem('invalid_credentials');
    const member = await this.chosen(address, undefined);
    // The letter is used up by the same statement that the password comes by: a 503 before it leaves it good.
    if (!(await this.patiently(() => credentials.resetPassword(reset, password)))) {
      throw new Problem('invalid_credentials');
    }
    sessions.forget();
    return this.begin(call, member);
  }

  /** Not counted: what was never given out is told without asking anybody, and what was is good once. */
  async refresh(refreshToken: string): Promise<SessionAnswer> {
    const renewed = await this.access.sessions.renew(refreshToken, (tenantId) => this.mustTakeUsers(tenantId));
    const member = renewed && (await this.access.credentials.member(renewed.tenantId, renewed.userId));
    if (renewed === null || member === null) throw new Problem('invalid_refresh_token');
    return answerOf(member, renewed);
  }

  logout(refreshToken: string): Promise<void> {
    return this.access.sessions.end(refreshToken);
  }

  /** To the same person's user in another tenant of the workspace: another session, and no right of the first goes with it. */
  async switchTo(call: Call, tenantId: string): Promise<SessionAnswer> {
    const { tenantId: from, callerId } = call.tenant;
    const other = await this.access.credentials.sameIn(from, callerId, tenantId);
    if (other?.status !== 'active' || !(await this.areOfOneWorkspace(from, tenantId))) {
      throw new Problem('no_access_there', { param: 'tenant_id' });
    }
    return this.begin(call, other);
  }

  /** The same person's users in tenants of the same workspace, this one first. */
  async reachable(tenantId: string, userId: string): Promise<readonly Member[]> {
    const own = await this.access.credentials.member(tenantId, userId);
    if (own === null) return [];
    const found = [own];
    for (const other of await this.access.credentials.sameElsewhere(tenantId, userId)) {
      if (other.status === 'active' && (await this.areOfOneWorkspace(tenantId, other.tenantId))) found.push(other);
    }
    return found;
  }

  async accept(call: Call, { token, password }: AcceptInvitationBody): Promise<SessionAnswer> {
    await this.place(call);
    const parsed = parseInvitation(token);
    const invited = parsed && (await this.patiently(() => this.access.credentials.invited(parsed)));
    if (invited === null) throw new Problem('invalid_invitation', {});
    const { credentials, passwords } = this.access;
    const known = await credentials.passwordHash(invited.address);
    // Whoever has the letter, and not the password that the address has already, may not come in under it.
    if (known !== null && password !== undefined) {
      await this.attempt(call, invited.address);
      if (!(await this.patiently(() => passwords.matches(password, known)))) throw new Problem('invalid_credentials');
    }
    const facts = await this.accepted(call, invited);
    if (known === null && password !== undefined) {
      await this.patiently(() => credentials.setFirstPassword(invited.address, password));
    }
    return this.begin(call, { ...invited, role: facts.role });
  }

  private async accepted(call: Call, { tenantId, userId }: Invited): Promise<UserFacts> {
    const command = { type: 'AcceptInvitation', data: { user_id: userId } } as const;
    const receipt = await this.commands.execute(call, tenantId, command, { as: userId });
    const { fact } = await this.commands.told(call, tenantId, receipt);
    if (!('user' in fact.data)) throw new TypeError(`${fact.type} is about no user`);
    await this.access.credentials.settle(tenantId, fact.data.user, receipt.revision);
    return fact.data.user;
  }

  private async byPassword(email: string, password: string): Promise<Buffer | null> {
    const { credentials, passwords, addresses } = this.access;
    const address = addresses.digestOf(email);
    const hash = await credentials.passwordHash(address);
    return (await this.patiently(() => passwords.matches(password, hash))) ? address : null;
  }

  /** Used up only where it opens something: who is refused for another reason asks again with the same link. */
  private async byLink(call: Call, token: string, tenantId: string | undefined): Promise<SessionAnswer> {
    const { credentials } = this.access;
    const link = parseLink(token);
    const linked = link && (await credentials.linkedTo(link));
    if (link === null || linked === null) throw new Problem('invalid_credentials');
    const member = await this.chosen(linked, tenantId);
    if ((await credentials.useLink(link)) === null) throw new Problem('invalid_credentials');
    return this.begin(call, member);
  }

  private async withPassword(
    call: Call,
    address: Buffer,
    password: string,
    tenantId: string | undefined,
  ): Promise<SessionAnswer> {
    await this.patiently(() => this.access.credentials.replacePassword(address, password));
    this.access.sessions.forget();
    return this.begin(call, await this.chosen(address, tenantId));
  }

  /** The answer comes before anything is looked up: nor its content nor its time tells whether there is such a user. */
  private async mailed(call: Call, email: string, mint: typeof mintLink, letter: typeof loginLetter): Promise<void> {
    const address = this.access.addresses.digestOf(email);
    await this.attempt(call, null);
    setImmediate(() => void this.mail(email, address, mint, letter).catch(() => undefined));
  }

  private async mail(email: string, address: Buffer, mint: typeof mintLink, letter: typeof loginLetter): Promise<void> {
    const { credentials, mail, dashboardUrl } = this.access;
    const member = (await credentials.membersWith(address)).find(({ status }) => status === 'active');
    if (member === undefined) return;
    const window = {
      counter: `mail:${address.toString('hex')}`,
      name: 'letters',
      calls: LETTERS_AN_HOUR,
      ms: 3_600_000,
    };
    if (!(await this.access.attempts.count([window])).taken) return;
    const link = mint();
    await credentials.keepLink(link, address, LINK_SECONDS);
    mail.post(letter(email, member.userId, link.token, dashboardUrl));
  }

  /** Where to: the tenant that was asked for, else the one they were in last, of those that have users. */
  private async chosen(address: Buffer, tenantId: string | undefined): Promise<Member> {
    const members = await this.access.credentials.membersWith(address);
    const active = members.filter((one) => one.status === 'active' && (tenantId ?? one.tenantId) === one.tenantId);
    let refusal: unknown = new Problem('no_access_there', tenantId === undefined ? {} : { param: 'tenant_id' });
    for (const one of active) {
      try {
        await this.mustTakeUsers(one.tenantId);
        return one;
      } catch (error) {
        refusal = error;
      }
    }
    throw refusal;
  }

  /** Throws `Problem`: an inactive tenant has no logins (DECISIONS 26). */
  private async mustTakeUsers(tenantId: string): Promise<void> {
    const { resource } = await this.reads.tenant(tenantId);
    if (resource?.status === 'inactive') throw new Problem('tenant_inactive');
  }

  private async areOfOneWorkspace(one: string, other: string): Promise<boolean> {
    const [{ resource: from }, { resource: to }] = await Promise.all([
      this.reads.tenant(one),
      this.reads.tenant(other),
    ]);
    return from !== null && to !== null && from.workspace_id === to.workspace_id && to.status !== 'inactive';
  }

  private async begin(call: Call, who: Who): Promise<SessionAnswer> {
    call.known = { tenantId: who.tenantId, callerId: who.userId };
    return answerOf(who, await this.access.sessions.begin(who.tenantId, who.userId));
  }

  /** Throws `Problem` where there were too many attempts for the address, or from where this one comes. */
  private async attempt(call: Call, address: Buffer | null): Promise<void> {
    if (address === null) return this.place(call);
    const of = address.toString('hex');
    const here: RateWindow = {
      counter: `sign-in:${of}:${call.ip === null ? '' : placeOf(call.ip)}`,
      name: 'address',
      calls: OF_ADDRESS,
      ms: QUARTER_MS,
    };
    const everywhere: RateWindow = { counter: `sign-in:${of}`, name: 'everywhere', calls: UNBOUNDED, ms: QUARTER_MS };
    const [, , tried = 0] = await this.mayTry([here, ...fromPlace(call), everywhere]);
    if (tried > AT_ONCE) {
      await sleep(Math.min(FIRST_DELAY_MS * 2 ** (tried - AT_ONCE - 1), LONGEST_DELAY_MS), undefined, { ref: false });
    }
  }

  private async place(call: Call): Promise<void> {
    await this.mayTry(fromPlace(call));
  }

  /** How often there was an attempt in each window, this one included. Throws `Problem` where one of them is full. */
  private async mayTry(windows: readonly RateWindow[]): Promise<readonly number[]> {
    const { taken, used, resetMs } = await this.access.attempts.count(windows);
    if (taken) return used;
    const full = resetMs.filter((_, i) => used[i]! >= windows[i]!.calls);
    throw new Problem('too_many_attempts', { retryAfterMs: Math.max(...full) });
  }

  private async patiently<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw error instanceof TooManySignIns
        ? new Problem('service_unavailable', { retryAfterMs: BUSY_RETRY_MS })
        : error;
    }
  }
}

const UNBOUNDED = Number.MAX_SAFE_INTEGER;

const fromPlace = ({ ip }: Call): RateWindow[] => [
  {
    counter: `sign-in-from:${ip === null ? '' : placeOf(ip)}`,
    name: 'place',
    calls: ip === null ? UNBOUNDED : OF_PLACE,
    ms: QUARTER_MS,
  },
];

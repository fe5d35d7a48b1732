import { Inject, Injectable } from '@nestjs/common';
import { mintInvitation, newUlid } from '#access/users/secret-tokens.js';
import type { UserFacts } from '#domain/users/users.js';
import type { Receipt } from '#engine/ports.js';
import type { Call } from '#platform/http/call.js';
import { Problem } from '#platform/http/problem.js';
import { Commands, type Told } from '../commands.js';
import { userTold } from '../rendering.js';
import type { Resource } from '../reads.js';
import { USERS } from '../tokens.js';
import { invitationLetter } from './letters.js';
import type { UserAccess } from './user-access.js';
import type { InviteUserBody, UpdateUserBody } from './users.dto.js';

const isReplayed = (receipt: Receipt): boolean => receipt.kind === 'committed' && receipt.replayed;

const factsOf = ({ fact }: Told): UserFacts => {
  if (!('user' in fact.data)) throw new TypeError(`${fact.type} is about no user`);
  return fact.data.user;
};

/** Refused for good: asking again would come to the same. */
const isFinal = (error: unknown): boolean => error instanceof Problem && error.details.retryAfterMs === undefined;

/** A tenant's users, as operators manage them. */
@Injectable()
export class Users {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(USERS) private readonly access: UserAccess,
  ) {}

  async invite(call: Call, tenantId: string, { email, ...terms }: InviteUserBody): Promise<string> {
    const { credentials, addresses, mail, dashboardUrl } = this.access;
    const own = `usr_${newUlid()}`;
    const invitation = mintInvitation();
    // Under the id that has the address already nobody is invited anew: this comes to the outcome of an earlier request with
    // the same key, or completes one that broke off, or is refused.
    const userId = await credentials.reserve(tenantId, own, addresses.digestOf(email), invitation);
    const { receipt, told } = await this.invited(call, tenantId, { user_id: userId, email, ...terms });
    const facts = factsOf(told);
    if (facts.user_id !== own && userId === own) await credentials.discard(tenantId, own);
    await credentials.settle(tenantId, facts, receipt.revision);
    if (!isReplayed(receipt) && (userId === own || (await credentials.inviteAgain(tenantId, userId, invitation))))
      mail.post(invitationLetter(email, userId, invitation.token, dashboardUrl));
    return JSON.stringify({ user: userTold(told), invitation_expires_at: facts.invitation_expires_at });
  }

  async resend(call: Call, tenantId: string, userId: string): Promise<string> {
    const { credentials, mail, dashboardUrl } = this.access;
    const { receipt, told } = await this.decided(call, tenantId, {
      type: 'ResendInvitation',
      data: { user_id: userId },
    });
    const { invitation_expires_at } = factsOf(told);
    if (!isReplayed(receipt)) {
      const invitation = mintInvitation();
      const { email } = userTold(told);
      // An address that was erased meanwhile gets no letter.
      if ((await credentials.inviteAgain(tenantId, userId, invitation)) && email !== null)
        mail.post(invitationLetter(email, userId, invitation.token, dashboardUrl));
    }
    return JSON.stringify({ user_id: userId, invitation_expires_at, message: 'Invitation resent successfully' });
  }

  async update(call: Call, tenantId: string, userId: string, body: UpdateUserBody): Promise<Resource> {
    return this.changed(call, tenantId, { user_id: userId, ...body });
  }

  async revokeInvitation(call: Call, tenantId: string, userId: string): Promise<void> {
    await this.changed(call, tenantId, { user_id: userId, status: 'revoked', only_invited: true });
  }

  /** When somebody signed in is no event: it stands beside the ledger. */
  async withLastLogin(tenantId: string, users: readonly Resource[]): Promise<Resource[]> {
    const lastLogins = await this.access.credentials.lastLogins(
      tenantId,
      users.map(({ id }) => id as string),
    );
    return users.map((user) => ({ ...user, last_login_at: lastLogins.get(user.id as string)?.toISOString() ?? null }));
  }

  private async changed(
    call: Call,
    tenantId: string,
    data: UpdateUserBody & { readonly user_id: string; readonly only_invited?: boolean },
  ): Promise<Resource> {
    const { told } = await this.decided(call, tenantId, { type: 'UpdateUser', data });
    await this.access.credentials.settle(tenantId, factsOf(told), told.revision);
    this.access.sessions.forget();
    const [shown] = await this.withLastLogin(tenantId, [{ ...userTold(told) }]);
    return shown as Resource;
  }

  private async decided(
    call: Call,
    tenantId: string,
    command: Parameters<Commands['execute']>[2],
  ): Promise<{ receipt: Receipt; told: Told }> {
    const receipt = await this.commands.execute(call, tenantId, command);
    return { receipt, told: await this.commands.told(call, tenantId, receipt) };
  }

  private async invited(
    call: Call,
    tenantId: string,
    data: InviteUserBody & { readonly user_id: string },
  ): Promise<{ receipt: Receipt; told: Told }> {
    try {
      return await this.decided(call, tenantId, { type: 'InviteUser', data });
    } catch (error) {
      if (error instanceof Problem && error.code === 'invalid_state')
        throw new Problem('user_exists', { param: 'email' });
      if (isFinal(error)) await this.access.credentials.discard(tenantId, data.user_id);
      throw error;
    }
  }
}

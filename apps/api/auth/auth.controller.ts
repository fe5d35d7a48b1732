import { Controller, Inject, Req } from '@nestjs/common';
import { ROLE_SCOPES } from '#contract/roles.js';
import { JSON_TYPE } from '#platform/http/answer.js';
import type { CallRequest } from '#platform/http/call.js';
import { Operation } from '#platform/http/operation.js';
import { Problem } from '#platform/http/problem.js';
import { Reading } from '../reading.js';
import { Users } from '../users/users.js';
import type {
  AcceptInvitationBody,
  ChangePasswordBody,
  LoginBody,
  LoginLinkBody,
  RefreshBody,
  ResetPasswordBody,
  SwitchTenantBody,
} from './auth.dto.js';
import { SignIn } from './sign-in.js';

const SENT = 'If the address is a user’s, a link is on its way.';

/** Signing in. Answers hold secrets: nobody in between may keep them. */
@Controller()
export class AuthController {
  constructor(
    @Inject(SignIn) private readonly signIn: SignIn,
    @Inject(Users) private readonly users: Users,
    @Inject(Reading) private readonly reading: Reading,
  ) {}

  @Operation('acceptInvitation')
  async accept(@Req() request: CallRequest): Promise<string> {
    return secret(request, await this.signIn.accept(request.call, request.call.body as AcceptInvitationBody));
  }

  @Operation('login')
  async login(@Req() request: CallRequest): Promise<string> {
    return secret(request, await this.signIn.login(request.call, request.call.body as LoginBody));
  }

  @Operation('requestLoginLink')
  async requestLink(@Req() request: CallRequest): Promise<string> {
    await this.signIn.requestLink(request.call, (request.call.body as LoginLinkBody).email);
    return secret(request, { object: 'login_link', message: SENT });
  }

  @Operation('changePassword')
  async changePassword(@Req() request: CallRequest): Promise<string> {
    return secret(request, await this.signIn.changePassword(request.call, request.call.body as ChangePasswordBody));
  }

  @Operation('requestPasswordReset')
  async requestReset(@Req() request: CallRequest): Promise<string> {
    await this.signIn.requestReset(request.call, (request.call.body as LoginLinkBody).email);
    return secret(request, { object: 'password_reset', message: SENT });
  }

  @Operation('resetPassword')
  async resetPassword(@Req() request: CallRequest): Promise<string> {
    return secret(request, await this.signIn.resetPassword(request.call, request.call.body as ResetPasswordBody));
  }

  @Operation('refreshSession')
  async refresh(@Req() request: CallRequest): Promise<string> {
    return secret(request, await this.signIn.refresh((request.call.body as RefreshBody).refresh_token));
  }

  @Operation('logout')
  logout(@Req() { call }: CallRequest): Promise<void> {
    return this.signIn.logout((call.body as RefreshBody).refresh_token);
  }

  @Operation('switchTenant')
  async switchTenant(@Req() request: CallRequest): Promise<string> {
    const { tenant_id } = request.call.body as SwitchTenantBody;
    return secret(request, await this.signIn.switchTo(request.call, tenant_id));
  }

  @Operation('getOwnUser')
  async me(@Req() request: CallRequest): Promise<string> {
    const { tenantId, callerId } = request.call.tenant;
    const { resource } = await this.reading.reads.one(tenantId, 'users', callerId);
    const members = await this.signIn.reachable(tenantId, callerId);
    const [own] = members;
    if (resource === null || own === undefined) throw new Problem('user_not_found');
    const [user] = await this.users.withLastLogin(tenantId, [resource]);
    const tenants = await Promise.all(
      members.map(async (one) => {
        const { resource: tenant } = await this.reading.reads.tenant(one.tenantId);
        return {
          tenant_id: one.tenantId,
          name: tenant?.name ?? null,
          environment: tenant?.environment ?? null,
          user_id: one.userId,
          role: one.role,
          is_current: one === own,
        };
      }),
    );
    return secret(request, { object: 'me', user, scopes: [...ROLE_SCOPES[own.role]], tenants });
  }
}

const secret = ({ call }: CallRequest, answer: object): string => {
  void call.reply.type(JSON_TYPE).header('cache-control', 'no-store');
  return JSON.stringify(answer);
};

import { Controller, Inject, Req } from '@nestjs/common';
import type { CallRequest } from '#platform/http/call.js';
import { Operation } from '#platform/http/operation.js';
import { Problem } from '#platform/http/problem.js';
import { asOfIn } from '../as-of.js';
import { Commands } from '../commands.js';
import { Reading } from '../reading.js';
import { accountTold, blockingTold } from '../rendering.js';
import { blockAccount, closeAccount, unblockAccount } from './account-commands.js';
import type {
  BlockAccountBody,
  CloseAccountBody,
  OpenAccountBody,
  UnblockAccountBody,
  UpdateAccountBody,
} from './accounts.dto.js';

@Controller()
export class AccountsController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Reading) private readonly reading: Reading,
  ) {}

  @Operation('openAccount')
  open(@Req() { call }: CallRequest): Promise<string> {
    const data = call.body as OpenAccountBody;
    return this.commands.run(call, call.tenant.tenantId, { type: 'OpenAccount', data }, accountTold);
  }

  @Operation('listAccounts')
  list(@Req() { call }: CallRequest): Promise<string> {
    return this.reading.list(call, 'accounts');
  }

  @Operation('getAccount')
  get(@Req() { call }: CallRequest): Promise<string> {
    return this.reading.one(call, call.tenant.tenantId, 'accounts', call.param('account_id'), 'account_not_found');
  }

  @Operation('updateAccount')
  update(@Req() { call }: CallRequest): Promise<string> {
    const body = call.body as UpdateAccountBody;
    const manages = body.kyc_tier !== undefined || body.overdraft_limit !== undefined;
    // What a customer may spend is not for whoever may change a name (DECISIONS 22).
    if (manages && !call.tenant.scopes.has('accounts:manage')) {
      throw new Problem('missing_scope', { rule: 'accounts:manage' });
    }
    const data = { account_id: call.param('account_id'), ...body };
    return this.commands.run(call, call.tenant.tenantId, { type: 'UpdateAccount', data }, accountTold);
  }

  @Operation('getBalance')
  async balance(@Req() { call }: CallRequest): Promise<string> {
    const { tenantId } = call.tenant;
    const accountId = call.param('account_id');
    const asOf = asOfIn(call);
    await this.reading.await(call, tenantId, accountId);
    if (asOf !== null && 'revision' in asOf) await this.reading.mustBeReached(call, tenantId, asOf.revision);
    return this.reading.answer(call, await this.reading.reads.balance(tenantId, accountId, asOf), 'account_not_found');
  }

  @Operation('listEntries')
  async entries(@Req() { call }: CallRequest): Promise<string> {
    const { tenantId } = call.tenant;
    const account_id = call.param('account_id');
    await this.reading.await(call, tenantId, account_id);
    const { resource } = await this.reading.reads.one(tenantId, 'accounts', account_id);
    if (resource === null) throw new Problem('account_not_found');
    return this.reading.list(call, 'entries', { account_id });
  }

  @Operation('blockAccount')
  block(@Req() { call }: CallRequest): Promise<string> {
    const command = blockAccount(call.param('account_id'), call.body as BlockAccountBody);
    return this.commands.run(call, call.tenant.tenantId, command, blockingTold);
  }

  @Operation('unblockAccount')
  unblock(@Req() { call }: CallRequest): Promise<string> {
    const command = unblockAccount(call.param('account_id'), call.body as UnblockAccountBody);
    return this.commands.run(call, call.tenant.tenantId, command, blockingTold);
  }

  @Operation('closeAccount')
  close(@Req() { call }: CallRequest): Promise<string> {
    const command = closeAccount(call.param('account_id'), call.body as CloseAccountBody);
    return this.commands.run(call, call.tenant.tenantId, command, accountTold);
  }

  @Operation('getTrialBalance')
  async trialBalance(@Req() { call }: CallRequest): Promise<string> {
    const { tenantId, callerId } = call.tenant;
    const asOf = asOfIn(call);
    await this.reading.await(call, tenantId, callerId);
    if (asOf !== null && 'revision' in asOf) await this.reading.mustBeReached(call, tenantId, asOf.revision);
    const answer = this.reading.answer(call, await this.reading.reads.trialBalance(tenantId, asOf), 'tenant_not_found');
    if (call.query.detail === undefined) return answer;
    const accounts = await this.reading.pageOf(call, tenantId, (request) =>
      this.reading.reads.trialBalanceAccounts(tenantId, asOf, request),
    );
    return `${answer.slice(0, -1)},"accounts":${accounts}}`;
  }
}

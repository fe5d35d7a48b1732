import { Controller, Inject, Req } from '@nestjs/common';
import type { CardAction } from '#domain/cards/change-card-status.js';
import type { Call, CallRequest } from '#platform/http/call.js';
import { Operation } from '#platform/http/operation.js';
import { Problem } from '#platform/http/problem.js';
import { Commands } from '../commands.js';
import { Reading } from '../reading.js';
import { cardTold } from '../rendering.js';
import type { IssueCardBody, UpdateCardBody } from './cards.dto.js';

@Controller()
export class CardsController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Reading) private readonly reading: Reading,
  ) {}

  @Operation('issueCard')
  issue(@Req() { call }: CallRequest): Promise<string> {
    const data = call.body as IssueCardBody;
    return this.commands.run(call, call.tenant.tenantId, { type: 'IssueCard', data }, cardTold);
  }

  @Operation('listCards')
  list(@Req() { call }: CallRequest): Promise<string> {
    return this.reading.list(call, 'cards');
  }

  @Operation('getCard')
  get(@Req() { call }: CallRequest): Promise<string> {
    return this.reading.one(call, call.tenant.tenantId, 'cards', call.param('card_id'), 'card_not_found');
  }

  @Operation('updateCard')
  update(@Req() { call }: CallRequest): Promise<string> {
    const data = { card_id: call.param('card_id'), ...(call.body as UpdateCardBody) };
    return this.commands.run(call, call.tenant.tenantId, { type: 'UpdateCard', data }, cardTold);
  }

  @Operation('activateCard')
  activate(@Req() { call }: CallRequest): Promise<string> {
    return this.change(call, 'activate');
  }

  @Operation('suspendCard')
  suspend(@Req() { call }: CallRequest): Promise<string> {
    return this.change(call, 'suspend');
  }

  @Operation('resumeCard')
  resume(@Req() { call }: CallRequest): Promise<string> {
    return this.change(call, 'resume');
  }

  @Operation('terminateCard')
  terminate(@Req() { call }: CallRequest): Promise<string> {
    return this.change(call, 'terminate');
  }

  @Operation('listCardsTransactions')
  async transactions(@Req() { call }: CallRequest): Promise<string> {
    const { tenantId } = call.tenant;
    const card_id = call.param('card_id');
    await this.reading.await(call, tenantId, card_id);
    const { resource } = await this.reading.reads.one(tenantId, 'cards', card_id);
    if (resource === null) throw new Problem('card_not_found');
    return this.reading.list(call, 'card_transactions', { card_id });
  }

  private change(call: Call, action: CardAction): Promise<string> {
    const data = { card_id: call.param('card_id'), action };
    return this.commands.run(call, call.tenant.tenantId, { type: 'ChangeCardStatus', data }, cardTold);
  }
}
